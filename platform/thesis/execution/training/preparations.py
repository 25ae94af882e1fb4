"""Preparations of data, made once with Ray Data or read from files, before a workload loads its data."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def _clinical_notes(config: Any, data_dir: Path | None) -> Any:
    from thesis.execution.preparation.clinical_notes import prepared_notes

    return prepared_notes(data_dir) if config.data == "mimic" else None


def _paraphrase_pairs(config: Any, data_dir: Path | None) -> Any:
    from thesis.execution.preparation.paraphrase_pairs import prepared_pairs

    return prepared_pairs(config.data, data_dir)


def _image_features(config: Any, data_dir: Path | None) -> Any:
    from thesis.execution.preparation.image_features import load

    return load(config, data_dir)


def _attacked_images(config: Any, data_dir: Path | None) -> Any:
    from thesis.execution.evaluation.sweep_data import DATA_FIELDS, load
    from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

    if not isinstance(config, PixelDeflectionConfig):
        of_images = {name: getattr(config, name) for name in DATA_FIELDS}
        config = PixelDeflectionConfig(**of_images, num_votes=1)
    return load(config, data_dir)


# By the name that a workload declares: configuration, data folder -> what `Workload.load` gets as ``prepared``.
PREPARATIONS: Mapping[str, Callable[[Any, Path | None], Any]] = {
    "clinical-notes": _clinical_notes,
    "paraphrase-pairs": _paraphrase_pairs,
    "image-features": _image_features,
    "attacked-images": _attacked_images,
}
