"""Images of single objects with exact masks, by class: generated shapes, or photographs cut out by hand.

The stamps are those of the drawing program Tux Paint (Debian package tuxpaint-stamps-default): a folder per
kind of thing, PNG with an alpha channel. The shapes need nothing but NumPy and Pillow.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from thesis_workloads.datasets.errors import DatasetMissing

STAMPS_FOLDER = Path("/usr/share/tuxpaint/stamps")
_STAMP_KINDS = ("animals", "clothes", "food", "hobbies", "household", "plants", "space", "vehicles")
_STAMP_SIDE = 128  # pixels that a stamp's longer side is kept at, at most
_MIN_COVER = 0.15  # of a stamp's box that is not transparent; thinner things are lines
Points = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """One object."""

    kind: str
    mask: np.ndarray  # (h, w) uint8, 255 where the object is
    colors: np.ndarray | None  # (h, w, 3) uint8; None for a shape, which is filled again in every scene
    hue: float = 0.0  # 0..1, of a shape: as real things do, a kind has its usual colour


def shapes() -> list[Cutout]:
    """Returns the outlines of eight kinds of shapes, one each."""
    return [
        Cutout(kind=kind, mask=_drawn(points()), colors=None, hue=number / len(_SHAPES))
        for number, (kind, points) in enumerate(_SHAPES.items())
    ]


def stamps(folder: Path = STAMPS_FOLDER) -> list[Cutout]:
    """Returns the photographs that are cut out, in order of their paths.

    Raises:
        DatasetMissing: if the folder is not there or has none.
    """
    found = []
    for kind in _STAMP_KINDS:
        for path in sorted((folder / kind).rglob("*.png")):
            cutout = _stamp(kind, path)
            if cutout is not None:
                found.append(cutout)
    if not found:
        raise DatasetMissing(
            f"there are no stamps in {folder}: install the Debian package tuxpaint-stamps-default"
        )
    return found


def kinds(cutouts: list[Cutout]) -> tuple[str, ...]:
    """Returns the classes, sorted."""
    return tuple(sorted({each.kind for each in cutouts}))


def digest_of(cutouts: list[Cutout]) -> str:
    """Returns 16 hex digits over the classes and pixels."""
    state = hashlib.blake2b(digest_size=8)
    for each in cutouts:
        state.update(each.kind.encode() + each.mask.tobytes())
        state.update(b"" if each.colors is None else each.colors.tobytes())
    return state.hexdigest()


def _stamp(kind: str, path: Path) -> Cutout | None:
    with Image.open(path) as file:
        if "A" not in file.convert("RGBA").getbands() or file.mode not in ("RGBA", "LA", "P"):
            return None
        image = file.convert("RGBA")
    box = image.getchannel("A").getbbox()
    if box is None:
        return None
    image = image.crop(box)
    image.thumbnail((_STAMP_SIDE, _STAMP_SIDE), Image.Resampling.BILINEAR)
    pixels = np.array(image)
    if (pixels[..., 3] > 127).mean() < _MIN_COVER or min(pixels.shape[:2]) < 16:
        return None
    return Cutout(kind=kind, mask=pixels[..., 3], colors=pixels[..., :3])


def _drawn(polygons: list[Points], *, side: int = 96, samples: int = 4) -> np.ndarray:
    """Draws polygons with corners in 0..1; where two overlap there is a hole."""
    large = np.zeros((side * samples, side * samples), bool)
    for points in polygons:
        layer = Image.new("1", (side * samples, side * samples))
        ImageDraw.Draw(layer).polygon([(x * side * samples, y * side * samples) for x, y in points], fill=1)
        large ^= np.array(layer)
    smooth = Image.fromarray(large).convert("L").resize((side, side), Image.Resampling.BOX)
    return np.array(smooth)


def _regular(corners: int, *, radius: float = 0.5, inner: float | None = None, turn: float = 0.0) -> Points:
    radii = [radius] if inner is None else [radius, inner]
    count = corners * len(radii)
    angles = [2 * math.pi * step / count - math.pi / 2 + turn for step in range(count)]
    return [
        (0.5 + radii[step % len(radii)] * math.cos(angle), 0.5 + radii[step % len(radii)] * math.sin(angle))
        for step, angle in enumerate(angles)
    ]


_CROSS: Points = [(0.34, 0), (0.66, 0), (0.66, 0.34), (1, 0.34), (1, 0.66), (0.66, 0.66)]
_CROSS += [(0.66, 1), (0.34, 1), (0.34, 0.66), (0, 0.66), (0, 0.34), (0.34, 0.34)]
_SHAPES: Mapping[str, Callable[[], list[Points]]] = {
    "arrow": lambda: [[(0, 0.3), (0.5, 0.3), (0.5, 0), (1, 0.5), (0.5, 1), (0.5, 0.7), (0, 0.7)]],
    "bar": lambda: [[(0, 0.36), (1, 0.36), (1, 0.64), (0, 0.64)]],
    "cross": lambda: [_CROSS],
    "disc": lambda: [_regular(48)],
    "ring": lambda: [_regular(48), _regular(48, radius=0.27)],
    "square": lambda: [[(0.06, 0.06), (0.94, 0.06), (0.94, 0.94), (0.06, 0.94)]],
    "star": lambda: [_regular(5, inner=0.2)],
    "triangle": lambda: [[(0.5, 0.05), (1, 0.92), (0, 0.92)]],
}
