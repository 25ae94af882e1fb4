"""What measures the tables that are neither training runs nor an evaluation: a literal table of functions."""

from collections.abc import Callable, Mapping

from thesis.execution.measurements.request import Measurement

_PARAPHRASES = ("thesis_workloads.systems.residual_lstm", "thesis.execution.preparation.paraphrase_pairs")
_FILTERS = ("thesis_workloads.systems.repr", "thesis_workloads.datasets.readers.splits")
_NOTES = ("thesis_workloads.systems.condensed_memory", "thesis.execution.preparation.clinical_notes")


def _sizes() -> Measurement:
    from thesis.execution.measurements.paraphrases import data_digests, measure_sizes

    return Measurement(measure=measure_sizes, data=data_digests, code=_PARAPHRASES)


def _samples() -> Measurement:
    from thesis.execution.measurements.paraphrases import data_digests, measure_samples

    return Measurement(measure=measure_samples, data=data_digests, code=_PARAPHRASES)


def _lengths() -> Measurement:
    from thesis.execution.measurements.paraphrases import data_digests, measure_lengths

    return Measurement(measure=measure_lengths, data=data_digests, code=_PARAPHRASES)


def _paraphrase_training() -> Measurement:
    from thesis.execution.measurements.paraphrases import data_digests, measure_training

    return Measurement(measure=measure_training, data=data_digests, code=_PARAPHRASES)


def _labels_per_note() -> Measurement:
    from thesis.execution.measurements.clinical_notes import data_digests, measure_labels_per_note

    return Measurement(measure=measure_labels_per_note, data=data_digests, code=_NOTES)


def _precision() -> Measurement:
    from thesis.execution.measurements.clinical_notes import data_digests, measure_precision

    return Measurement(measure=measure_precision, data=data_digests, code=_NOTES)


def _layers() -> Measurement:
    from thesis.execution.measurements.filters import data_digests, measure_layers

    return Measurement(measure=measure_layers, data=data_digests, code=_FILTERS)


def _agreement() -> Measurement:
    from thesis.execution.measurements.filters import data_digests, measure_agreement

    return Measurement(measure=measure_agreement, data=data_digests, code=_FILTERS)


def _trainings() -> Measurement:
    from thesis.execution.measurements.filters import data_digests, measure_trainings

    return Measurement(measure=measure_trainings, data=data_digests, code=_FILTERS)


def _compression() -> Measurement:
    from thesis.execution.measurements.compression import data_digests, measure_table

    return Measurement(measure=measure_table, data=data_digests, code=())


def _compression_sizes() -> Measurement:
    from thesis.execution.measurements.compression import data_digests, measure_sizes

    return Measurement(measure=measure_sizes, data=data_digests, code=())


def _map_samples() -> Measurement:
    from thesis.execution.measurements.saliency_maps import data_digests, measure_samples

    return Measurement(measure=measure_samples, data=data_digests, code=())


def _map_steps() -> Measurement:
    from thesis.execution.measurements.saliency_maps import data_digests, measure_steps

    return Measurement(measure=measure_steps, data=data_digests, code=())


def _categories() -> Measurement:
    from thesis.execution.measurements.categories import data_digests, measure_categories

    return Measurement(measure=measure_categories, data=data_digests, code=())


def _perturbations() -> Measurement:
    from thesis.execution.measurements.attacked_maps import data_digests, measure_perturbations

    return Measurement(measure=measure_perturbations, data=data_digests, code=())


def _attacked_maps() -> Measurement:
    from thesis.execution.measurements.attacked_maps import data_digests, measure_maps

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
