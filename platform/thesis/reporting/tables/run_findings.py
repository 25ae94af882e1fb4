"""Samples of a table from its finished trials: one value per seed for every declared cell."""

import dataclasses
import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from thesis.experiments.data_notes import DATA_NOTES
from thesis.experiments.table_trials import DeclaredTrial, declared_trials, runs_at
from thesis.results.findings import CellSamples, DataUsed, Findings, all_of
from thesis.tracking.records import TrialRecord
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.tables import DeclaredRuns, Pick, RunCell

_PICKS: Mapping[Pick, Callable[[Sequence[float]], float]] = {
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
    "max": max,
    "min": min,
    "mean": statistics.fmean,
}


def run_findings(
    declared: DeclaredRuns,
    *,
    scale: str,
    num_seeds: int,
    seed: int,
    records: Sequence[TrialRecord],
    data: Mapping[str, DataUsed],
) -> Findings:
    """Returns the samples of the trials; a cell has the seeds that finished, and missing seeds are listed.

    Args:
        num_seeds: 0 for the declared number.
        data: the data of each trial, by its id.
    """
    trials = declared_trials(declared, scale=scale, num_seeds=num_seeds, seed=seed)
    by_config = {digest(record.config, 16): record for record in records}
    trial_records = {
        (trial.run, trial.dataset, trial.config.seed): by_config.get(
            digest(dataclasses.asdict(trial.config), 16)
        )
        for trial in trials
    }
    used = _used(declared, trials, trial_records, data)
    seeds = tuple(sorted({trial.config.seed for trial in trials}))
    cells = [_cell(cell, seeds, trial_records, used.get(cell.dataset)) for cell in declared.cells]
    return Findings(
        data=all_of(list(used.values())),
        cells=tuple(cell for cell in cells if cell is not None),
        seeds=seeds,
        missing=_missing(trial_records),
        notes=(*declared.notes, *_data_notes(trials), *_left_out(declared, scale)),
    )


def _cell(
    cell: RunCell,
    seeds: Sequence[int],
    trial_records: Mapping[tuple[str, str, int], TrialRecord | None],
    data: DataUsed | None,
) -> CellSamples | None:
    values = {}
    for seed in seeds:
        value = _value(cell, trial_records.get((cell.run, cell.dataset, seed)))
        if cell.minus:
            value -= _value(cell, trial_records.get((cell.minus, cell.dataset, seed)))
        if math.isfinite(value):
            values[str(seed)] = cell.offset + cell.factor * value
    if not values:
        return None
    return CellSamples(
        row=cell.row, column=cell.column, values=values, data=data, is_quantity=cell.is_quantity
    )


def _value(cell: RunCell, record: TrialRecord | None) -> float:
    if record is None or record.status != "finished":
        return math.nan
    value = _at(cell, record, cell.epoch)
    return value - _at(cell, record, cell.minus_epoch) if cell.minus_epoch else value


def _at(cell: RunCell, record: TrialRecord, epoch: int) -> float:
    """Returns the metric in that epoch, or for epoch 0 in the one that the cell picks; NaN where it is missing."""
    values = [
        row[cell.metric] for row in record.history if cell.metric in row and epoch in (0, row.get("epoch"))
    ]
    return _PICKS["last" if epoch else cell.pick](values) if values else math.nan


def _used(
    declared: DeclaredRuns,
    trials: Sequence[DeclaredTrial],
    trial_records: Mapping[tuple[str, str, int], TrialRecord | None],
    data: Mapping[str, DataUsed],
) -> dict[str, DataUsed]:
    """Returns the data used, by the table's name of the set."""
    used: dict[str, DataUsed] = {}
    for trial in trials:
        record = trial_records[trial.run, trial.dataset, trial.config.seed]
        if trial.dataset in used or record is None or record.trial_id not in data:
            continue
        is_published = trial.config.data in declared.published_data
        used[trial.dataset] = dataclasses.replace(data[record.trial_id], is_published=is_published)
    return used


def _missing(trial_records: Mapping[tuple[str, str, int], TrialRecord | None]) -> tuple[str, ...]:
    groups: dict[tuple[str, str], list[TrialRecord | None]] = {}
    for (run, dataset, _), record in trial_records.items():
        groups.setdefault((run, dataset), []).append(record)
    messages = []
    for (run, dataset), records in groups.items():
        unfinished = [record for record in records if record is None or record.status != "finished"]
        if unfinished:
            first = unfinished[0]
            why = "not run" if first is None else first.error or first.status
            messages.append(
                f"{run} on {dataset}: {len(unfinished)} of {len(records)} seeds are missing ({why})"
            )
    return tuple(messages)


def _data_notes(trials: Sequence[DeclaredTrial]) -> list[str]:
    names = dict.fromkeys(getattr(trial.config, "data", "") for trial in trials)
    return [DATA_NOTES[name] for name in names if name in DATA_NOTES]


def _left_out(declared: DeclaredRuns, scale: str) -> tuple[str, ...]:
    absent = [run for run in declared.runs if run not in runs_at(declared, scale)]
    messages = [f"Runs that scale {scale} leaves out: {', '.join(absent)}."] if absent else []
    sets = dict.fromkeys(dataset for by_name in declared.data.values() for dataset in by_name)
    missing = [name for name in sets if name not in declared.data[scale]]
    if missing:
        messages.append(f"Sets without data at scale {scale}: {', '.join(missing)}.")
    limits = [f"{key}={value}" for key, value in declared.limits.get(scale, {}).items()]
    if limits:
        messages.append(f"Scale {scale} takes {', '.join(limits)} in place of what a run sets.")
    return tuple(messages)
