"""The numbers of chapter 7 besides its table of scores: sizes, lengths, samples, perplexities and significance."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from thesis.execution.measurements.request import MeasureRequest
from thesis.execution.measurements.trials import (
    Trial,
    correlation,
    correlations_by_seed,
    train_trials,
)
from thesis.execution.training.workloads import find_workload, load_data
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.systems.residual_lstm.experiment import RESIDUAL_LSTM
from thesis_workloads.systems.residual_lstm.tables import MODELS, PUBLISHED, SCORES

EXACT = "exact"
# Next to every p-value that a page shows; the claims about them are judged as the dissertation states them.
P_VALUES_NOTE = (
    "p-values speak of these very networks on other test sentences, not of other seeds: two equal systems whose"
    " networks differ by seed are told apart nearly always; intervals over seeds compare the systems"
)
MAX_WORDS = 15  # of figure 7.4's axis


def measure_sizes(request: MeasureRequest) -> Findings:
    """Returns pairs to train on, sources to test on and words of every set (table 7.1)."""
    cells: list[CellSamples] = []
    for name, data, used in _sets(request):
        sizes = {
            "training": len(data.train),
            "test": len(data.test_groups),
            "vocabulary": len(data.vocabulary),
        }
        row = {"dataset": name if used.is_published else data.name}
        cells += [_exact(row, column, size, used) for column, size in sizes.items()]
    return _findings(request, cells)


def measure_lengths(request: MeasureRequest) -> Findings:
    """Returns which share of a set's training sentences has how many words (figure 7.4)."""
    cells: list[CellSamples] = []
    for name, data, used in _sets(request):
        lengths = [*data.train.sources.lengths.tolist(), *data.train.targets.lengths.tolist()]
        counts = Counter(lengths)
        shown = name if used.is_published else data.name
        for words in range(1, max(MAX_WORDS, *lengths) + 1):
            row = {"dataset": shown, "words": words}
            cells.append(_exact(row, "share", counts[words] / len(lengths), used))
        for below in (3, 4):
            share = sum(count for words, count in counts.items() if words < below) / len(lengths)
            row = {"dataset": name, "below": below}
            cells.append(_exact(row, "share_words", share, used, is_quantity=True))
    return _findings(request, cells)


def measure_samples(request: MeasureRequest) -> Findings:
    """Trains the residual model and writes samples of what it says (table 7.3)."""
    from thesis_workloads.systems.residual_lstm.samples import sample_rows
    from thesis_workloads.systems.residual_lstm.train import load_model

    cells: list[CellSamples] = []
    lines: list[dict[str, Any]] = []
    for name, data, used in _sets(request):
        config = _config(request, name, model="residual", seed=request.seeds[0])
        (trial,) = train_trials(RESIDUAL_LSTM.name, [config], data, concurrency=1)
        network = load_model(config, trial.state)[0]
        count = min(request.settings["num_correlated"], len(data.test_groups))
        rows = sample_rows(network, data, config, num_samples=count)
        every = max(1, len(rows) // request.settings["num_samples"])
        lines += [{"dataset": data.name, **row} for row in rows[::every]]
        lengths = [[len(row[key].split()) for row in rows] for key in ("source", "paraphrase")]
        pairs = {"a": "source length", "b": "generated length"}
        if cells:  # the claim's number is of the first set that is here; the others' stand under their names
            pairs["dataset"] = name
        value = correlation(*lengths)
        cells.append(_exact(pairs, "correlation_over_pairs", value, used, is_quantity=True))
    _write_samples(request.folder, lines)
    return _findings(request, cells)


def measure_training(request: MeasureRequest) -> Findings:
    """Trains all four models and returns their perplexities by epoch (figure 7.5), and how they compare.

    The claims' quantities are of the same runs: variance over seeds, and p of the randomisation test between the
    residual model and each other one, of which the largest counts.
    """
    cells: list[CellSamples] = []
    for name, data, used in _sets(request):
        configs = [
            _config(request, name, model=model, seed=seed)
            for model, seed in itertools.product(MODELS, request.seeds)
        ]
        trials = train_trials(RESIDUAL_LSTM.name, configs, data, concurrency=request.concurrency)
        runs = {model: [trial for trial in trials if trial.config.model == model] for model in MODELS}
        cells += _curves(name, runs, used)
        cells += _quantities(name, runs, used)
    return _findings(request, [*cells, *_properties(request)], notes=(P_VALUES_NOTE,))


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns a line for each set: its digest, or that it is not here.

    Raises:
        UserError: if none is.
    """
    found = {name: used for name, _, used in _sets(request)}
    return tuple(
        f"{name}: {found[name].name} {found[name].digest}" if name in found else f"{name}: absent"
        for name in request.settings["data"]
    )


def _sets(request: MeasureRequest) -> Iterator[tuple[str, Any, DataUsed]]:
    """Yields the published name, the data and what they are, of every set that is here.

    Raises:
        UserError: if none is.
    """
    workload, found, missing = find_workload(RESIDUAL_LSTM.name), 0, list[str]()
    for name in request.settings["data"]:
        try:
            data = load_data(workload, _config(request, name), request.data_dir)
        except UserError as error:
            if not isinstance(error.__cause__, DatasetMissing):
                raise
            missing.append(str(error))
            continue
        found += 1
        is_published = data.name in PUBLISHED
        used = DataUsed(name=data.name, version=data.version, digest=data.digest, is_published=is_published)
        yield name, data, used
    if not found:
        raise UserError("; ".join(missing))


def _config(request: MeasureRequest, name: str, **changes: Any) -> Any:
    chosen = request.settings["data"][name]
    of_data = {"data": chosen} if isinstance(chosen, str) else dict(chosen)
    return RESIDUAL_LSTM.config(**{**request.settings["config"], **of_data, **changes})


def _exact(
    row: Mapping[str, Any], column: str, value: float, used: DataUsed, *, is_quantity: bool = False
) -> CellSamples:
    return CellSamples(
        row=row,
        column=column,
        values={EXACT: float(value)},
        unit=EXACT,
        data=used,
        is_quantity=is_quantity,
    )


def _findings(
    request: MeasureRequest, cells: Sequence[CellSamples], *, notes: tuple[str, ...] = ()
) -> Findings:
    used = next(cell.data for cell in cells if cell.data is not None)
    here = {cell.data.name for cell in cells if cell.data is not None}
    planned = [
        value if isinstance(value, str) else value["data"] for value in request.settings["data"].values()
    ]
    missing = tuple(f"{name} is not in the data folder" for name in planned if name not in here)
    return Findings(data=used, cells=tuple(cells), seeds=request.seeds, missing=missing, notes=notes)


def _write_samples(folder: Path, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "samples.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    columns = ("dataset", "source", "reference", "paraphrase")
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(str(row[column]) for column in columns) + " |" for row in rows]
    (folder / "samples.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _curves(name: str, runs: Mapping[str, list[Trial]], used: DataUsed) -> Iterator[CellSamples]:
    parts = {"training": "train/perplexity", "validation": "val/perplexity"}
    for model, (part, metric) in itertools.product(runs, parts.items()):
        for place, row in enumerate(runs[model][0].rows):
            keys = {"dataset": name, "line": f"{model}, {part}", "epoch": int(row["epoch"])}
            values = {str(trial.config.seed): trial.rows[place][metric] for trial in runs[model]}
            yield CellSamples(row=keys, column="perplexity", values=values, data=used)


def _quantities(name: str, runs: Mapping[str, list[Trial]], used: DataUsed) -> list[CellSamples]:
    ours = runs["residual"]
    found: list[tuple[dict[str, Any], str, dict[str, float]]] = []
    for part, metric in {"train": "train/perplexity", "validation": "val/perplexity"}.items():
        values = {str(trial.config.seed): trial.rows[-1][metric] for trial in ours}
        found.append(({"dataset": name, "set": part}, "perplexity", values))
    values = {
        str(trial.config.seed): correlation(
            [row["train/perplexity"] for row in trial.rows], [row["val/perplexity"] for row in trial.rows]
        )
        for trial in ours
    }
    keys = {"a": "train perplexity", "b": "validation perplexity", "dataset": name}
    found.append((keys, "correlation_over_epochs", values))
    by_seed = correlations_by_seed(itertools.chain(*runs.values()), "test/emb_greedy", "test/bleu")
    found.append(({"a": "emb_greedy", "b": "bleu", "dataset": name}, "correlation_over_models", by_seed))
    cells = [
        CellSamples(row=row, column=column, values=values, data=used, is_quantity=True)
        for row, column, values in found
    ]
    for score in SCORES:
        row = {"score": score}
        cells.append(_exact(row, "p_value", _largest_p(runs, score), used, is_quantity=True))
        scores = [trial.rows[-1][f"test/{score}"] for trial in ours]
        if len(scores) > 1:
            variance = float(np.var(scores, ddof=1))
            cells.append(_exact(row, "optimizer_variance", variance, used, is_quantity=True))
    return cells


def _largest_p(runs: Mapping[str, list[Trial]], score: str) -> float:
    from thesis_workloads.metrics.significance import approximate_randomisation
    from thesis_workloads.systems.residual_lstm.evaluate import SCORES_OF_SUMS

    tables = {
        model: np.stack([trial.state["statistics"][score].numpy() for trial in many])
        for model, many in runs.items()
    }
    return max(
        approximate_randomisation(tables["residual"], table, SCORES_OF_SUMS[score], seed=0).p_value
        for model, table in tables.items()
        if model != "residual"
    )


def _properties(request: MeasureRequest) -> list[CellSamples]:
    """Returns parameters and LSTM units; those of a bidirectional encoder of as many layers as the others'."""
    import torch

    from thesis_workloads.systems.residual_lstm.model import num_lstm_units
    from thesis_workloads.systems.residual_lstm.train import build

    name = next(iter(request.settings["data"]))
    used = DataUsed(name="none", is_published=True)
    cells = []
    for model, layers in itertools.product(MODELS, (2, 4)):
        # Half of num_layers are the layers of a bidirectional encoder (section 7.4.2).
        own = 2 * layers if model == "bidirectional" else layers
        with torch.device("meta"):
            config = _config(request, name, model=model, num_layers=layers)
            deep = _config(request, name, model=model, num_layers=own)
            network = build(config, num_words=config.vocabulary)
            units = num_lstm_units(build(deep, num_words=config.vocabulary))
        row = {"model": model, "layers": layers}
        count = sum(parameter.numel() for parameter in network.parameters())
        cells.append(_exact(row, "parameters", count, used, is_quantity=True))
        cells.append(_exact(row, "lstm_units", units, used, is_quantity=True))
    return cells
