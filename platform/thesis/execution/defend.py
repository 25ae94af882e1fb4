"""Pixel deflection over a user's own images: each written whole, or not at all and named."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from thesis.errors import UserError
from thesis_workloads.classifiers.catalog import load_classifier
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.datasets.photographs import SUFFIXES
from thesis_workloads.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.pixel_deflection.photograph import defend_photograph
from thesis_workloads.pixel_deflection.validation import validate

_READING = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
_LOSSLESS = ".png"  # a lossy format would change the pixels again


@dataclass(frozen=True, kw_only=True)
class DefendedFile:
    """One image and what became of it."""

    source: Path
    target: Path
    error: str | None  # None: it was written


def planned_files(source: Path, target: Path) -> list[tuple[Path, Path]]:
    """Returns each image with the file to write: the one named, or one per image of a folder, as PNG.

    Raises:
        UserError: if there is nothing to read, or a folder is to be written into a file.
    """
    if not source.exists():
        raise UserError(f"there is no image or folder {source}")
    if source.is_file():
        into = target / f"{source.stem}{_LOSSLESS}" if target.is_dir() else target
        if into.suffix.lower() not in SUFFIXES:
            raise UserError(f"the output must be an image ({', '.join(SUFFIXES)}) or a folder, got {target}")
        return [(source, into)]
    if target.is_file():
        raise UserError(f"{source} is a folder, so the output must be one too, got the file {target}")
    found = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
    found = [path for path in found if not path.is_relative_to(target)]
    if not found:
        raise UserError(f"there is no image ({', '.join(SUFFIXES)}) in {source}")
    stems = [path.relative_to(source).with_suffix("") for path in found]
    # Two images that differ in their suffix alone keep it in the name.
    names = [
        path.relative_to(source) if stems.count(stem) > 1 else stem
        for path, stem in zip(found, stems, strict=True)
    ]
    return [(path, target / f"{name}{_LOSSLESS}") for path, name in zip(found, names, strict=True)]


def load_for_defense(config: PixelDeflectionConfig) -> Classifier | None:
    """Returns the classifier whose map the defence follows; None where it follows none.

    Raises:
        UserError: if a setting is wrong or the classifier's weights are not here.
    """
    try:
        validate(config)
        if not config.use_rcam:
            return None
        return load_classifier(config.classifier, weights=Path(config.weights) if config.weights else None)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from error


def defend_files(
    config: PixelDeflectionConfig, classifier: Classifier | None, files: Sequence[tuple[Path, Path]]
) -> Iterator[DefendedFile]:
    """Yields each file when it is done; one that can't be read or written says why."""
    torch.set_num_threads(1)
    for source, target in files:
        error = None
        try:
            image = _read(source)
            _write(defend_photograph(config, classifier, image, name=source.name), target)
        except _READING as problem:
            error = f"{type(problem).__name__}: {problem}"
        yield DefendedFile(source=source, target=target, error=error)


def _read(path: Path) -> Tensor:
    with Image.open(path) as file:
        upright = ImageOps.exif_transpose(file).convert("RGB")
    if min(upright.size) < 2:
        raise ValueError(f"an image must be at least 2 pixels wide and high, got {upright.size}")
    return torch.from_numpy(np.array(upright)).permute(2, 0, 1).float() / 255


def _write(image: Tensor, target: Path) -> None:
    levels = (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.suffix)
    os.close(handle)
    try:
        quality: dict[str, Any] = (
            {"quality": 95} if target.suffix.lower() in (".jpg", ".jpeg", ".webp") else {}
        )
        Image.fromarray(levels).save(temporary, **quality)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
