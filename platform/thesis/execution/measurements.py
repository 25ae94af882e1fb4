"""What measures the tables that are neither training runs nor an evaluation: a literal table of functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.tracking.findings import Findings


@dataclass(frozen=True, kw_only=True)
class MeasureRequest:
    """What a measurement is asked for."""

    scale: str
    settings: Mapping[str, Any]  # as declared for the scale
    seeds: tuple[int, ...]
    data_dir: Path | None
    folder: Path  # of this run, empty: figures and tables that it writes here are kept and logged
    concurrency: int | None = None  # processes at most


Measure = Callable[[MeasureRequest], Findings]


def _sizes() -> Measure:
    from thesis.execution.measure_paraphrases import measure_sizes

    return measure_sizes


def _samples() -> Measure:
    from thesis.execution.measure_paraphrases import measure_samples

    return measure_samples


def _lengths() -> Measure:
    from thesis.execution.measure_paraphrases import measure_lengths

    return measure_lengths


def _paraphrase_training() -> Measure:
    from thesis.execution.measure_paraphrases import measure_training

    return measure_training


def _labels_per_note() -> Measure:
    from thesis.execution.measure_notes import measure_labels_per_note

    return measure_labels_per_note


def _precision() -> Measure:
    from thesis.execution.measure_notes import measure_precision

    return measure_precision


def _layers() -> Measure:
    from thesis.execution.measure_filters import measure_layers

    return measure_layers


def _agreement() -> Measure:
    from thesis.execution.measure_filters import measure_agreement

    return measure_agreement


def _trainings() -> Measure:
    from thesis.execution.measure_filters import measure_trainings

    return measure_trainings


def _compression() -> Measure:
    from thesis.execution.measure_compression import measure_table

    return measure_table


def _compression_sizes() -> Measure:
    from thesis.execution.measure_compression import measure_sizes

    return measure_sizes


# By published id; each imports what it needs when it is called. Ray is connected by then.
MEASUREMENTS: Mapping[str, Callable[[], Measure]] = {
    "table-2.1": _compression,
    "figure-2.5": _compression_sizes,
    "figure-5.2": _layers,
    "figure-5.3": _agreement,
    "figure-5.11": _trainings,
    "table-7.1": _sizes,
    "table-7.3": _samples,
    "figure-7.4": _lengths,
    "figure-7.5": _paraphrase_training,
    "figure-8.1": _labels_per_note,
    "figure-8.3": _precision,
}
