"""The numbers of chapter 8 besides its scores: diagnoses per note, precision by epoch, and those of its claims."""

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from thesis.execution.measurements.request import MeasureRequest
from thesis.execution.measurements.trials import Trial, correlations_by_seed, train_trials
from thesis.execution.training.workloads import find_workload, load_data
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis_workloads.systems.condensed_memory.experiment import CONDENSED_MEMORY
from thesis_workloads.systems.condensed_memory.tables import MODELS

EXACT = "exact"
_VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "softmax": {"addressing": "softmax"},
    "sigmoid": {"addressing": "sigmoid"},
    "titles": {"keys": "titles"},
}


def measure_labels_per_note(request: MeasureRequest) -> Findings:
    """Returns which share of the notes has how many of the labels (figure 8.1), and how many the labels cover."""
    data, used = _data(request, request.settings["num_labels"])
    counts = [int(n) for part in (data.train, data.val, data.test) for n in part.labels.sum(1).tolist()]
    tally = Counter(counts)
    shares = [
        _exact({"dataset": used.name, "diagnoses": number}, "share", tally[number] / len(counts), used)
        for number in range(max(counts) + 1)
    ]
    below = sum(count < 5 for count in counts) / len(counts)
    quantities = [
        _quantity({"labels_below": 5}, "share_notes", below, used),
        _quantity({"statistic": "max"}, "labels_per_note", max(counts), used),
        _quantity({"statistic": "median"}, "labels_per_note", statistics.median(counts), used),
    ]
    for top in request.settings["tops"]:
        covered, of = _data(request, top)
        quantities.append(_quantity({"top": top}, "label_coverage", covered.coverage, of))
    return Findings(data=used, cells=(*shares, *quantities), seeds=request.seeds)


def measure_precision(request: MeasureRequest) -> Findings:
    """Trains all four networks and returns their held-out precision at five by epoch (figure 8.3)."""
    num_labels = _num_labels(request)
    data, used = _data(request, num_labels)
    plain = [(name, {"model": model}) for name, model in MODELS.items()]
    variants = [(name, {"model": "condensed", **changes}) for name, changes in _VARIANTS.items()]
    named = list(itertools.product([*plain, *variants], request.seeds))
    configs = [_config(request, num_labels, **changes, seed=seed) for (_, changes), seed in named]
    trials = train_trials(CONDENSED_MEMORY.name, configs, data, concurrency=request.concurrency)
    runs: dict[str, list[Trial]] = {}
    for ((name, _), _), trial in zip(named, trials, strict=True):
        runs.setdefault(name, []).append(trial)
    cells = [*_curves(runs, used), *_compared(runs, used), *_costs(runs, used)]
    return Findings(data=used, cells=tuple(cells), seeds=request.seeds)


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns a line for each set of notes that is read: its digest with that number of labels."""
    asked = request.settings
    counts = {asked["num_labels"], *asked["tops"]} if "tops" in asked else {_num_labels(request)}
    return tuple(f"{count} labels: {_data(request, count)[1].digest}" for count in sorted(counts))


def _num_labels(request: MeasureRequest) -> int:
    count: int = request.settings["config"].get("num_labels", CONDENSED_MEMORY.config().num_labels)
    return count


def _curves(runs: Mapping[str, list[Trial]], used: DataUsed) -> Iterator[CellSamples]:
    for model in MODELS:
        for place, row in enumerate(runs[model][0].rows):
            keys = {"model": model, "epoch": int(row["epoch"])}
            yield _sampled(keys, "precision", runs[model], "val/precision_at_5", used, place=place)
    for epoch in ("last", "best"):
        for model in MODELS:
            values = {
                str(trial.config.seed): _precision(trial, is_best=epoch == "best") for trial in runs[model]
            }
            keys = {"model": model, "epoch": epoch, "set": "validation"}
            yield CellSamples(row=keys, column="precision5", values=values, data=used, is_quantity=True)


def _precision(trial: Trial, *, is_best: bool) -> float:
    values = [row["val/precision_at_5"] for row in trial.rows]
    return max(values) if is_best else values[-1]


def _compared(runs: Mapping[str, list[Trial]], used: DataUsed) -> list[CellSamples]:
    condensed = runs["c-memnn"]
    cells = [
        _sampled({"model": "c-memnn", "addressing": name}, "auc", many, "test/auc", used, is_quantity=True)
        for name, many in {"gated": condensed, "softmax": runs["softmax"], "sigmoid": runs["sigmoid"]}.items()
    ]
    for keys, values, many in (("pages", "titles", condensed), ("titles", "pages", runs["titles"])):
        row = {"keys": keys, "values": values}
        cells.append(_sampled(row, "auc", many, "test/auc", used, is_quantity=True))
    of_models = itertools.chain(*(runs[model] for model in MODELS))
    by_seed = correlations_by_seed(of_models, "test/hamming_loss", "test/auc")
    row = {"a": "hamming_loss", "b": "auc"}
    agreement = CellSamples(
        row=row, column="correlation_over_models", values=by_seed, data=used, is_quantity=True
    )
    return [*cells, agreement]


def _costs(runs: Mapping[str, list[Trial]], used: DataUsed) -> Iterator[CellSamples]:
    for model in MODELS:
        weights = runs[model][0].state["network"].values()
        yield _quantity({"model": model}, "parameters", sum(each.numel() for each in weights), used)
        values = {
            str(trial.config.seed): statistics.median(row["time/epoch_s"] for row in trial.rows)
            for trial in runs[model]
        }
        row = {"model": model}
        yield CellSamples(row=row, column="training_time", values=values, data=used, is_quantity=True)


def _data(request: MeasureRequest, num_labels: int) -> tuple[Any, DataUsed]:
    config = _config(request, num_labels)
    data = load_data(find_workload(CONDENSED_MEMORY.name), config, request.data_dir)
    return data, DataUsed(
        name=data.name, version=data.version, digest=data.digest, is_published=config.data == "mimic"
    )


def _config(request: MeasureRequest, num_labels: int, **changes: Any) -> Any:
    return CONDENSED_MEMORY.config(**{**request.settings["config"], "num_labels": num_labels, **changes})


def _sampled(
    row: Mapping[str, Any],
    column: str,
    many: list[Trial],
    metric: str,
    used: DataUsed,
    *,
    place: int = -1,
    is_quantity: bool = False,
) -> CellSamples:
    values = {str(trial.config.seed): trial.rows[place][metric] for trial in many}
    return CellSamples(row=row, column=column, values=values, data=used, is_quantity=is_quantity)


def _exact(row: Mapping[str, Any], column: str, value: float, used: DataUsed) -> CellSamples:
    return CellSamples(row=row, column=column, values={EXACT: float(value)}, unit=EXACT, data=used)


def _quantity(row: Mapping[str, Any], column: str, value: float, used: DataUsed) -> CellSamples:
    return CellSamples(
        row=row, column=column, values={EXACT: float(value)}, unit=EXACT, data=used, is_quantity=True
    )
