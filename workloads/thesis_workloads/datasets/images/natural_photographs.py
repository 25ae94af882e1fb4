"""Photographs of things and places that installed packages carry, for measuring compression."""

import importlib.util
from pathlib import Path

from thesis_workloads.datasets.images.photographs import shipped_photographs

# Package -> its folder of images and those of them that are photographs in colour.
_PHOTOGRAPHS = {
    "skimage": ("data", ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png")),
    "sklearn": ("datasets/images", ("china.jpg", "flower.jpg")),
}


def natural_photographs() -> list[Path]:
    """Returns the photographs of scikit-image, scikit-learn and foolbox that are here, in order of name."""
    found = [each.path for each in shipped_photographs()]
    for package, (folder, names) in _PHOTOGRAPHS.items():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found += [Path(spec.origin).parent / folder / name for name in names]
    return sorted((path for path in found if path.is_file()), key=lambda path: path.name)
