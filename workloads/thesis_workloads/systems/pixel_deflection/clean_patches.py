"""Patches for quilting (table 4.6), from photographs that are never attacked.

They come from the sample photographs of scikit-learn and scikit-image, read from the installed packages'
folders: none of them is in ImageNet, so no test image's own patches are among them.
"""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor

from thesis_workloads.datasets.images.photographs import read_photograph
from thesis_workloads.defenses.quilting import patch_bank

_FOLDERS = {"sklearn": "datasets/images", "skimage": "data"}
_NAMES = ("china.jpg", "flower.jpg", "astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")


def clean_patches(*, size: int, num_patches: int, patch: int = 5, seed: int = 0) -> Tensor:
    """Returns ``(num_patches, 3, patch, patch)`` in [0, 1], from photographs read at ``size`` pixels.

    Raises:
        FileNotFoundError: if neither package has a photograph.
    """
    paths = _paths()
    if not paths:
        raise FileNotFoundError("quilting needs the sample photographs of scikit-learn or scikit-image")
    images = torch.stack([read_photograph(path, size=size) for path in paths])
    return patch_bank(images, num_patches=num_patches, size=patch, seed=seed)


def _paths() -> list[Path]:
    found = []
    for package, folder in _FOLDERS.items():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            root = Path(spec.origin).parent / folder
            found += [root / name for name in _NAMES if (root / name).is_file()]
    return found
