"""Photographs to compare encoders on: those that Python packages carry, and those of Debian's wallpapers.

The packages: lomiri-wallpapers-16.04, mate-backgrounds, plasma-workspace-wallpapers. A large photograph is scaled
down by 2 first, which takes most traces of its own compression away, and cut into two parts that do not overlap.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from thesis_workloads.datasets.images.natural_photographs import natural_photographs

SHARE = Path("/usr/share")
SIZE = (512, 384)
_LARGE = 1000  # pixels of the longer side from which a photograph is scaled down
_CHOOSING = 4  # every fourth source is to choose settings by
# And those on which settings were first tried.
_TRIED = [
    "astronaut",
    "imagenet_03_990",
    "imagenet_11_630",
    "imagenet_19_305",
    "Wine_by_Jakkub_Mede",
    "Dune",
    "Wood",
    "EveningGlow",
]
_BACKGROUNDS = [
    "Bridge_by_Sander_Klootwijk",
    "Dragonfly_by_Bolly",
    "Kleiber_by_Lukas_Baubkus",
    "Picture_0B_by_freespace",
    "Picture_1A_by_freespace",
    "Wine_by_Jakkub_Mede",
    "aitzgorri_by_Aitzol_Berasategi",
    "free_by_Peter_Nerlich",
    "friends_by_Aitzol_Berasategi",
    "greentock_by_Peter_Nerlich",
    "life_by_Aitzol_Berasategi",
    "picosdeeuropa_by_Aitzol_Berasategi",
    "seeding_by_Clements_Engelhardt",
    "sunset_by_Aitzol_Berasategi",
]
_MATE = [
    "Aqua",
    "Blinds",
    "Dune",
    "FreshFlower",
    "Garden",
    "GreenMeadow",
    "LadyBird",
    "RainDrops",
    "Storm",
    "TwoWings",
    "Wood",
    "YellowFlower",
]
_PLASMA = [
    "BytheWater",
    "ColdRipple",
    "ColorfulCups",
    "DarkestHour",
    "EveningGlow",
    "FallenLeaf",
    "Grey",
    "Kite",
    "OneStandsOut",
    "Path",
    "summer_1am",
]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A part of a photograph."""

    name: str
    source: str  # the photograph: its parts are no independent samples
    pixels: Image.Image


def sources() -> list[Path]:
    """Returns the photographs that are installed, in order of name."""
    found = [SHARE / "backgrounds" / f"{name}.jpg" for name in _BACKGROUNDS]
    found += [SHARE / "backgrounds/mate/nature" / f"{name}.jpg" for name in _MATE]
    for name in _PLASMA:
        sizes = sorted((SHARE / "wallpapers" / name / "contents/images").glob("2560x*.jpg"))
        found += sizes[:1]
    return sorted([*natural_photographs(), *(path for path in found if path.is_file())], key=_name)


def pictures(part: str) -> list[Picture]:
    """Returns the parts of the photographs to ``choose`` settings by, or of those to ``report`` on."""
    found = []
    for number, path in enumerate(sources()):
        if (number % _CHOOSING == 0 or _name(path) in _TRIED) == (part == "choose"):
            found += _cut(path)
    return sorted(found, key=lambda picture: picture.name.endswith("-1"))  # stable: first parts first


def _cut(path: Path) -> list[Picture]:
    with Image.open(path) as file:
        image = file.convert("RGB")
    is_large = max(image.size) > _LARGE
    image = image.reduce(2) if is_large else image
    width, height = (min(side, most) for side, most in zip(image.size, SIZE, strict=True))
    top, middle = (image.height - height) // 2, (image.width - width) // 2
    lefts = [middle]
    if is_large and image.width >= 2 * width:
        lefts = [image.width // 2 - width, image.width // 2]
    return [
        Picture(
            name=f"{_name(path)}-{number}",
            source=_name(path),
            pixels=image.crop((left, top, left + width, top + height)),
        )
        for number, left in enumerate(lefts)
    ]


def _name(path: Path) -> str:
    return path.parts[-4] if path.stem.startswith("2560x") else path.stem
