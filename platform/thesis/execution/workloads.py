"""How the platform calls each system: a literal table of functions that import it when they are called."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.errors import UserError
from thesis_workloads.reporting import MemoryReporter, Reporter, State


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One system's functions."""

    validate: Callable[[Any], None]  # config -> None, ValueError where it is wrong
    data_fields: tuple[str, ...]  # settings that the data depend on
    load: Callable[[Any, Path | None], Any]  # config, data folder -> data with name, version and digest
    train: Callable[[Any, Any, Reporter], Any]  # config, data, reporter -> trained module
    restore: Callable[[Any, Any, State], Any]  # config, data, state -> trained module
    size: Callable[[Any], Any]  # config -> counts, read by `estimate`
    example: Callable[[Any], Any]  # data -> a small batch of inputs, as numpy
    # Whether the data are tensors that trials map from Ray's object store; others are read in place by each process.
    shares_data: bool = False
    download: Callable[[Any, Path], Any] | None = None  # config, data folder: fetches what is absent
    # config, data, state -> rows by name, logged as MLflow tables of the chosen model
    tables: Callable[[Any, Any, State], Mapping[str, list[dict[str, Any]]]] | None = None


def _repr_workload() -> Workload:
    from thesis_workloads.datasets.readers.download import download
    from thesis_workloads.datasets.splits import check_sizes, load_images
    from thesis_workloads.repr.size import check_pruning, size_of
    from thesis_workloads.repr.train import train
    from thesis_workloads.repr.validation import validate

    def check(config: Any) -> None:
        validate(config)
        check_sizes(config.data, num_train=config.num_train, num_val=config.num_val)
        check_pruning(config)

    return Workload(
        validate=check,
        data_fields=("data", "num_train", "num_val", "num_loaders", "label_noise", "noise_seed"),
        shares_data=True,
        load=lambda config, data_dir: load_images(
            config.data,
            data_dir=data_dir,
            num_train=config.num_train,
            num_val=config.num_val,
            num_loaders=config.num_loaders,
            label_noise=config.label_noise,
            noise_seed=config.noise_seed,
        ),
        train=train,
        # Going on from the state after the last epoch trains nothing and returns the network.
        restore=lambda config, data, state: train(config, data, MemoryReporter(start=state)),
        size=size_of,
        example=lambda data: data.val.images[:4].numpy(),
        download=lambda config, data_dir: download(config.data, data_dir),
    )


def _detection_workload() -> Workload:
    import torch

    from thesis_workloads.repr.detection.data import DATA_FIELDS, load
    from thesis_workloads.repr.detection.detector import Features
    from thesis_workloads.repr.detection.size import check_pruning, size_of
    from thesis_workloads.repr.detection.train import restored, train
    from thesis_workloads.repr.detection.validation import validate

    def check(config: Any) -> None:
        validate(config)
        check_pruning(config)

    return Workload(
        validate=check,
        data_fields=DATA_FIELDS,
        load=load,
        train=train,
        # The backbone alone: what a detector answers has no fixed shape, so it can't be traced.
        restore=lambda config, data, state: Features(restored(config, len(data.classes), state)),
        size=size_of,
        example=lambda data: torch.zeros(2, *data.val[0].image.shape).numpy(),
    )


def _condensed_memory_workload() -> Workload:
    import numpy as np

    from thesis.execution.prepare_notes import prepared_notes
    from thesis_workloads.condensed_memory.data import DATA_FIELDS, load
    from thesis_workloads.condensed_memory.label_table import label_rows
    from thesis_workloads.condensed_memory.size import size_of
    from thesis_workloads.condensed_memory.train import train
    from thesis_workloads.condensed_memory.validation import validate

    def load_notes(config: Any, data_dir: Path | None) -> Any:
        prepared = prepared_notes(data_dir) if config.data == "mimic" else None
        return load(config, data_dir, prepared=prepared)

    def restore(config: Any, data: Any, state: State) -> Any:
        return train(config, data, MemoryReporter(start=state))

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        load=load_notes,
        train=train,
        restore=restore,
        tables=lambda config, data, state: {"labels": label_rows(restore(config, data, state), data)},
        size=size_of,
        # Numbers of common words, not a note: an example is kept with the model, and a note may be a patient's.
        example=lambda data: np.arange(1, 13).reshape(4, 3),
    )


def _residual_lstm_workload() -> Workload:
    from thesis.execution.prepare_pairs import prepared_pairs
    from thesis_workloads.residual_lstm.data import DATA_FIELDS, load
    from thesis_workloads.residual_lstm.exported import GreedyParaphrase
    from thesis_workloads.residual_lstm.samples import sample_rows
    from thesis_workloads.residual_lstm.size import size_of
    from thesis_workloads.residual_lstm.train import restore, train
    from thesis_workloads.residual_lstm.validation import validate
    from thesis_workloads.text.sentences import padded_rows

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        shares_data=True,
        load=lambda config, data_dir: load(config, data_dir, prepared=prepared_pairs(config.data, data_dir)),
        train=train,
        restore=lambda config, data, state: GreedyParaphrase(
            restore(config, state)[0], max_length=config.max_length
        ),
        tables=lambda config, data, state: {"samples": sample_rows(restore(config, state)[0], data, config)},
        size=size_of,
        # The longest: the logged graph takes sentences padded to the example's width.
        example=lambda data: padded_rows(data.val.sources, data.val.sources.lengths.topk(4).indices)[
            0
        ].numpy(),
    )


def _pixel_deflection_workload() -> Workload:
    from thesis.execution.sweep_sets import DATA_FIELDS, load
    from thesis_workloads.pixel_deflection.size import size_of
    from thesis_workloads.pixel_deflection.train import train
    from thesis_workloads.pixel_deflection.validation import validate

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        load=load,
        train=train,
        # A trial trains nothing: it leaves no state to restore, and no model to log.
        restore=lambda config, data, state: data.classifier,
        size=size_of,
        example=lambda data: data.parts[0]().images[:4].numpy(),
    )


def _highway_vqa_workload() -> Workload:
    from thesis.execution.image_features import load
    from thesis_workloads.highway_vqa.data import DATA_FIELDS
    from thesis_workloads.highway_vqa.exported import OneInput, joined
    from thesis_workloads.highway_vqa.size import size_of
    from thesis_workloads.highway_vqa.snapshot import restore
    from thesis_workloads.highway_vqa.train import train
    from thesis_workloads.highway_vqa.validation import validate

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        load=load,
        train=train,
        restore=lambda config, data, state: OneInput(restore(config, state).network),
        size=size_of,
        example=lambda data: joined(data.features[data.val.rows[:4]], data.val.words[:4]),
    )


def _msroi_workload() -> Workload:
    from thesis_workloads.msroi.data import DATA_FIELDS, load
    from thesis_workloads.msroi.size import size_of
    from thesis_workloads.msroi.train import train
    from thesis_workloads.msroi.validation import validate

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        load=load,
        train=train,
        restore=lambda config, data, state: train(config, data, MemoryReporter(start=state)),
        size=size_of,
        example=lambda data: data.val.images[:4].float().div(255).numpy(),
    )


def _msroi_encoder_workload() -> Workload:
    from thesis_workloads.msroi.encoder_trial import measure, validate
    from thesis_workloads.msroi.mapped_photographs import DATA_FIELDS, load
    from thesis_workloads.msroi.size import encoder_size_of

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        shares_data=True,
        load=load,
        train=measure,
        # A trial trains nothing: it leaves no state to restore, and no model to log.
        restore=lambda config, data, state: None,
        size=encoder_size_of,
        example=lambda data: data.val[0].pixels.numpy(),
    )


def _aug_msroi_workload() -> Workload:
    from thesis.execution.sweep_sets import DATA_FIELDS, load
    from thesis_workloads.msroi.stability import measure, validate
    from thesis_workloads.pixel_deflection.config import PixelDeflectionConfig
    from thesis_workloads.pixel_deflection.size import size_of

    def as_sets(config: Any) -> PixelDeflectionConfig:
        return PixelDeflectionConfig(**{name: getattr(config, name) for name in DATA_FIELDS}, num_votes=1)

    return Workload(
        validate=validate,
        data_fields=DATA_FIELDS,
        load=lambda config, data_dir: load(as_sets(config), data_dir),
        train=measure,
        # A trial trains nothing: it leaves no state to restore, and no model to log.
        restore=lambda config, data, state: data.classifier,
        size=lambda config: size_of(dataclasses.replace(as_sets(config), num_votes=config.num_perturbations)),
        example=lambda data: data.parts[0]().images[:4].numpy(),
    )


_WORKLOADS: dict[str, Callable[[], Workload]] = {
    "repr": _repr_workload,
    "detection": _detection_workload,
    "pixel-deflection": _pixel_deflection_workload,
    "condensed-memory": _condensed_memory_workload,
    "residual-lstm": _residual_lstm_workload,
    "highway-vqa": _highway_vqa_workload,
    "msroi": _msroi_workload,
    "msroi-encoder": _msroi_encoder_workload,
    "aug-msroi": _aug_msroi_workload,
}


def find_workload(system: str) -> Workload:
    """Returns the functions of a system; imports torch."""
    return _WORKLOADS[system]()


def check_config(workload: Workload, config: Any) -> None:
    """Checks a configuration before anything starts.

    Raises:
        UserError: what the system itself says of the first wrong setting.
    """
    try:
        workload.validate(config)
    except ValueError as error:
        raise UserError(str(error)) from error


def load_data(workload: Workload, config: Any, data_dir: Path | None, *, download: bool = False) -> Any:
    """Loads a configuration's data, fetched first where asked to.

    Raises:
        UserError: if it is absent, damaged or too small, with what to do.
    """
    try:
        if download:
            if workload.download is None or data_dir is None:
                raise UserError("--download needs --data-dir and a system whose data can be downloaded")
            workload.download(config, data_dir)
        return workload.load(config, data_dir)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from error
