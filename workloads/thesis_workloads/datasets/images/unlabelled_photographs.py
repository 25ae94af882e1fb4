"""Photographs without labels: several squares that don't overlap from each, for a classifier's own clean answer.

What is measured on them is agreement: the share of images that keep the answer that the network gave before the
attack. It is no accuracy, and never averaged with images that somebody labelled.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from thesis_workloads.datasets.images.photographs import SUFFIXES, UNLABELLED, Photograph

ROWS = 3  # of squares in the shorter side of a photograph
_SIDE = 384  # pixels at most of a square that is kept
_FLAT = 0.5  # share of equal neighbours above which a square is taken for a drawing or an empty sky
# Where Debian's packages of desktop photographs put them: lomiri-wallpapers-16.04 and -20.04, mate-backgrounds,
# plasma-workspace-wallpapers, ukui-wallpapers.
_DEBIAN = (
    ("/usr/share/backgrounds", "*.jpg"),
    ("/usr/share/backgrounds/mate/nature", "*.jpg"),
    ("/usr/share/wallpapers", "*/contents/images/*.jpg"),
)
# Of those, what is drawn and not flat enough to be recognised by it.
_DRAWINGS = (
    "2004default", "analogpattern", "string.jpg", "the-mouse", "/Autumn/", "/SafeLanding/", "/Shell/", "/Volna/",
)  # fmt: skip


def debian_photographs() -> list[Path]:
    """Returns the files of desktop photographs that Debian's packages have installed, one of each photograph.

    Raises:
        FileNotFoundError: if there is none.
    """
    listed = [path for folder, pattern in _DEBIAN for path in Path(folder).glob(pattern)]
    # A wallpaper comes in several sizes in one folder, named after its width and height: the largest file is kept.
    largest: dict[str, Path] = {}
    for path in sorted(listed, key=lambda each: (_num_pixels(each), str(each))):
        if not any(name in str(path) for name in _DRAWINGS):
            largest[str(path.parent if _num_pixels(path) else path)] = path
    found = sorted(largest.values())
    if not found:
        raise FileNotFoundError(
            "no photographs of Debian packages are here: install lomiri-wallpapers-16.04, mate-backgrounds or"
            " plasma-workspace-wallpapers, or name a folder"
        )
    return found


def _num_pixels(path: Path) -> int:
    """Returns width times height where a file is named after them, else 0."""
    sides = path.stem.split("x")
    return math.prod(map(int, sides)) if len(sides) == 2 and all(map(str.isdecimal, sides)) else 0


def folder_photographs(folder: Path) -> list[Path]:
    """Returns the image files below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def unlabelled_squares(paths: Sequence[Path], *, root: Path, cache: Path) -> list[Photograph]:
    """Returns the squares of all photographs, cut once and kept as PNG files; those too flat are left out.

    Args:
        root: ids are the paths below it, so that they are the same on every machine.
        cache: folder for the squares.
    """
    found: list[Photograph] = []
    for path in paths:
        name = str(path.relative_to(root))
        stat = path.stat()
        folder = cache / f"{name.replace('/', '_')}-{stat.st_size}-{ROWS}"
        if not (folder / "done").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            for place, square in _squares(path):
                square.save(folder / f"{place}.png")
            (folder / "done").touch()
        squares = sorted(folder.glob("*.png"))
        found += [Photograph(id=f"{name}#{file.stem}", path=file, label=UNLABELLED) for file in squares]
    return found


def _squares(path: Path) -> list[tuple[str, Image.Image]]:
    with Image.open(path) as file:
        upright = ImageOps.exif_transpose(file).convert("RGB")
    width, height = upright.size
    side = min(width, height) // ROWS
    found = []
    for row in range(height // side):
        for column in range(width // side):
            left, top = column * side, row * side
            square = upright.crop((left, top, left + side, top + side))
            if side > _SIDE:
                square = square.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
            if not is_flat(square):
                found.append((f"{row}-{column}", square))
    return found


def is_flat(image: Image.Image) -> bool:
    """Returns whether so many neighbouring pixels are equal that no camera has taken the image."""
    values = np.asarray(image, dtype=np.int16)
    equal = (np.abs(np.diff(values, axis=1)).max(axis=2) <= 1).mean()
    return bool(equal > _FLAT)
