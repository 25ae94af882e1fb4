"""Scenes put together from cut-out objects on photographs: what is in them and where is known to the pixel.

A scene depends on its number and the seed alone. The backgrounds come from photographs that scikit-image and
scikit-learn install; foolbox's, which evaluations are about, are not among them. Shapes are filled with
pieces of those photographs, tinted in a colour that is usual for their kind; what is cut out of photographs
keeps its colours.
"""

import colorsys
import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.images.cutouts import Cutout, kinds
from thesis_workloads.training.seeding import derived_seed

_BACKGROUNDS = {
    "skimage": (
        "data/astronaut.png",
        "data/coffee.png",
        "data/chelsea.png",
        "data/motorcycle_left.png",
        "data/rocket.jpg",
    ),
    "sklearn": ("datasets/images/china.jpg", "datasets/images/flower.jpg"),
}
_MAX_OBJECTS = 3
_SMALLEST, _LARGEST = 0.3, 0.55  # of the scene's side, an object's longer side


@dataclass(frozen=True, kw_only=True)
class Composites:
    """Scenes of one size."""

    images: Tensor  # (N, 3, S, S) uint8
    labels: Tensor  # (N, C) float32, 1 where a class is in the scene
    masks: Tensor  # (N, S, S) bool, True on any object
    class_names: tuple[str, ...]


def backgrounds() -> list[np.ndarray]:
    """Returns the photographs ``(h, w, 3)`` uint8.

    Raises:
        DatasetMissing: if a package that carries them is not installed.
    """
    found = []
    for package, names in _BACKGROUNDS.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise DatasetMissing(f"composites need the photographs of package {package}")
        for name in names:
            with Image.open(Path(spec.origin).parent / name) as file:
                found.append(np.array(file.convert("RGB")))
    return found


def composites(
    cutouts: Sequence[Cutout], *, num: int, size: int, seed: int, photographs: Sequence[np.ndarray]
) -> Composites:
    """Returns ``num`` scenes of ``size`` x ``size`` pixels with one to three objects each."""
    names = kinds(list(cutouts))
    images = torch.empty(num, 3, size, size, dtype=torch.uint8)
    labels = torch.zeros(num, len(names))
    masks = torch.empty(num, size, size, dtype=torch.bool)
    for number in range(num):
        rng = np.random.default_rng(derived_seed("composite", seed, number))
        image, covered, shown = _scene(cutouts, photographs, size=size, rng=rng)
        images[number] = torch.from_numpy(image).permute(2, 0, 1)
        masks[number] = torch.from_numpy(covered)
        labels[number, [names.index(kind) for kind in shown]] = 1
    return Composites(images=images, labels=labels, masks=masks, class_names=names)


def held_out(cutouts: Sequence[Cutout], *, share: float = 0.25) -> tuple[list[Cutout], list[Cutout]]:
    """Returns the objects to train on and those to test on, apart where a class has four or more of them."""
    seen, unseen = [], []
    for kind in kinds(list(cutouts)):
        members = sorted(
            (each for each in cutouts if each.kind == kind),
            key=lambda each: hashlib.blake2b(each.mask.tobytes()).digest(),
        )
        count = round(share * len(members)) if len(members) >= 4 else 0
        seen += members[count:]
        unseen += members[:count] or members
    return seen, unseen


def _scene(
    cutouts: Sequence[Cutout], photographs: Sequence[np.ndarray], *, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, set[str]]:
    image = _piece(photographs, size, size, rng).astype(np.float32)
    covered = np.zeros((size, size), bool)
    shown: set[str] = set()
    for _ in range(rng.integers(1, _MAX_OBJECTS + 1)):
        cutout = cutouts[int(rng.integers(len(cutouts)))]
        mask, colors = _placed(cutout, photographs, size=size, rng=rng)
        height, width = mask.shape
        top, left = rng.integers(0, size - height + 1), rng.integers(0, size - width + 1)
        where = np.s_[top : top + height, left : left + width]
        if covered[where][mask > 0.5].mean() > 0.3:
            continue  # it would hide another
        image[where] += (colors - image[where]) * mask[..., None]
        covered[where] |= mask > 0.5
        shown.add(cutout.kind)
    return image.clip(0, 255).astype(np.uint8), covered, shown


def _placed(
    cutout: Cutout, photographs: Sequence[np.ndarray], *, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Returns an object at a random size and mirrored or not: its mask in 0..1, its colours in 0..255."""
    longer = rng.uniform(_SMALLEST, _LARGEST) * size
    scale = longer / max(cutout.mask.shape)
    height, width = (max(4, min(size, round(side * scale))) for side in cutout.mask.shape)
    mask = _resized(cutout.mask, height, width) / np.float32(255)
    if cutout.colors is None:
        colors = _piece(photographs, height, width, rng) * np.float32(0.4) + _tint(cutout.hue, rng)
    else:
        colors = _resized(cutout.colors, height, width).astype(np.float32)
    step = rng.choice([-1, 1])
    return mask[:, ::step], colors[:, ::step]


def _tint(hue: float, rng: np.random.Generator) -> np.ndarray:
    """Returns a colour ``(3,)`` in 0..153 near a hue, in any brightness but the darkest."""
    near = (hue + rng.normal(0, 0.02)) % 1
    return 153 * np.array(colorsys.hsv_to_rgb(near, rng.uniform(0.7, 1), rng.uniform(0.5, 1)))


def _piece(
    photographs: Sequence[np.ndarray], height: int, width: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns a random part of a random photograph, taken at up to three times its size and scaled down."""
    photograph = photographs[int(rng.integers(len(photographs)))]
    most = min(3.0, photograph.shape[0] / height, photograph.shape[1] / width)
    zoom = rng.uniform(1, max(1.0, most))
    tall, wide = (
        min(round(side * zoom), limit) for side, limit in zip((height, width), photograph.shape, strict=False)
    )
    top, left = (
        rng.integers(0, photograph.shape[0] - tall + 1),
        rng.integers(0, photograph.shape[1] - wide + 1),
    )
    return _resized(photograph[top : top + tall, left : left + wide], height, width)


def _resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
