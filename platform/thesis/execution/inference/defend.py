"""Pixel deflection over a user's own images: each written whole, or not at all and named."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.files import write_atomic
from thesis_workloads.classifiers.catalog import load_classifier
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.contract.errors import UserError
from thesis_workloads.imaging.image_file import printable_name, reading_problem
from thesis_workloads.imaging.still_image import read_upright
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.photograph import defend_photograph
from thesis_workloads.systems.pixel_deflection.validation import validate

LOSSLESS = ".png"  # a lossy format would change the pixels again


@dataclass(frozen=True, kw_only=True)
class DefendedFile:
    """One image and what became of it."""

    source: Path
    target: Path
    error: str | None  # None: it was written
    notes: tuple[str, ...] = ()  # what was changed to read it


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
    set_up_worker()
    for source, target in files:
        error: str | None = None
        notes: tuple[str, ...] = ()
        try:
            image, notes = _read(source)
            _write(defend_photograph(config, classifier, image, name=printable_name(source.name)), target)
        except (OSError, ValueError, MemoryError) as problem:
            error = reading_problem(problem)
        yield DefendedFile(source=source, target=target, error=error, notes=notes)


def _read(path: Path) -> tuple[Tensor, tuple[str, ...]]:
    upright, notes = read_upright(path)
    if min(upright.size) < 2:
        raise ValueError(f"an image must be at least 2 pixels wide and high, got {upright.size}")
    return torch.from_numpy(np.array(upright)).permute(2, 0, 1).float() / 255, notes


def _write(image: Tensor, target: Path) -> None:
    levels = (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    content = io.BytesIO()
    quality = {"quality": 95} if target.suffix.lower() in (".jpg", ".jpeg", ".webp") else {}
    image_format = Image.registered_extensions()[target.suffix.lower()]
    Image.fromarray(levels).save(content, image_format, **quality)
    write_atomic(target, content.getvalue())
