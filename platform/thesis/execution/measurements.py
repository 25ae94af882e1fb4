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


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """How one table is measured, and what tells the data it is measured on."""

    measure: Callable[[MeasureRequest], Findings]
    # A line for each set and each set of weights that it reads, with a digest, or that the set is absent.
    # Asked before anything is measured; the request's folder is not there yet.
    data: Callable[[MeasureRequest], tuple[str, ...]]
    code: tuple[str, ...]  # the modules and packages that do it, beside the module of `measure`


_PARAPHRASES = ("thesis_workloads.residual_lstm", "thesis.execution.prepare_pairs")
_FILTERS = ("thesis_workloads.repr", "thesis_workloads.datasets.splits")
_NOTES = ("thesis_workloads.condensed_memory", "thesis.execution.prepare_notes")


def _sizes() -> Measurement:
    from thesis.execution.measure_paraphrases import data_digests, measure_sizes

    return Measurement(measure=measure_sizes, data=data_digests, code=_PARAPHRASES)


def _samples() -> Measurement:
    from thesis.execution.measure_paraphrases import data_digests, measure_samples

    return Measurement(measure=measure_samples, data=data_digests, code=_PARAPHRASES)


def _lengths() -> Measurement:
    from thesis.execution.measure_paraphrases import data_digests, measure_lengths

    return Measurement(measure=measure_lengths, data=data_digests, code=_PARAPHRASES)


def _paraphrase_training() -> Measurement:
    from thesis.execution.measure_paraphrases import data_digests, measure_training

    return Measurement(measure=measure_training, data=data_digests, code=_PARAPHRASES)


def _labels_per_note() -> Measurement:
    from thesis.execution.measure_notes import data_digests, measure_labels_per_note

    return Measurement(measure=measure_labels_per_note, data=data_digests, code=_NOTES)


def _precision() -> Measurement:
    from thesis.execution.measure_notes import data_digests, measure_precision

    return Measurement(measure=measure_precision, data=data_digests, code=_NOTES)


def _layers() -> Measurement:
    from thesis.execution.measure_filters import data_digests, measure_layers

    return Measurement(measure=measure_layers, data=data_digests, code=_FILTERS)


def _agreement() -> Measurement:
    from thesis.execution.measure_filters import data_digests, measure_agreement

    return Measurement(measure=measure_agreement, data=data_digests, code=_FILTERS)


def _trainings() -> Measurement:
    from thesis.execution.measure_filters import data_digests, measure_trainings

    return Measurement(measure=measure_trainings, data=data_digests, code=_FILTERS)


def _compression() -> Measurement:
    from thesis.execution.measure_compression import data_digests, measure_table

    return Measurement(measure=measure_table, data=data_digests, code=())


def _compression_sizes() -> Measurement:
    from thesis.execution.measure_compression import data_digests, measure_sizes

    return Measurement(measure=measure_sizes, data=data_digests, code=())


def _map_samples() -> Measurement:
    from thesis.execution.measure_maps import data_digests, measure_samples

    return Measurement(measure=measure_samples, data=data_digests, code=())


def _map_steps() -> Measurement:
    from thesis.execution.measure_maps import data_digests, measure_steps

    return Measurement(measure=measure_steps, data=data_digests, code=())


def _categories() -> Measurement:
    from thesis.execution.measure_categories import data_digests, measure_categories

    return Measurement(measure=measure_categories, data=data_digests, code=())


def _perturbations() -> Measurement:
    from thesis.execution.measure_attacked_maps import data_digests, measure_perturbations

    return Measurement(measure=measure_perturbations, data=data_digests, code=())


def _attacked_maps() -> Measurement:
    from thesis.execution.measure_attacked_maps import data_digests, measure_maps

    return Measurement(measure=measure_maps, data=data_digests, code=())


# By published id; each imports what it needs when it is called. Ray is connected by then.
MEASUREMENTS: Mapping[str, Callable[[], Measurement]] = {
    "table-2.1": _compression,
    "figure-2.2": _map_samples,
    "figure-2.3": _map_steps,
    "figure-2.4": _map_samples,
    "figure-2.5": _compression_sizes,
    "figure-2.6": _categories,
    "figure-3.2b": _perturbations,
    "figure-3.3": _attacked_maps,
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
