"""The results of a finished run: tables and figures in its folder, and its best trial."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from thesis.experiments.data_notes import DATA_NOTES
from thesis.experiments.plan import Plan, SweepPlan
from thesis.reporting.drawing.labels import format_value
from thesis.reporting.drawing.style import save
from thesis.reporting.sweeps.heat_maps import heat_maps
from thesis.reporting.sweeps.hyperparameters import metric_against_hyperparameters
from thesis.reporting.sweeps.learning_curves import learning_curves, single_run_curves
from thesis.reporting.sweeps.parallel_coordinates import parallel_coordinates
from thesis.reporting.sweeps.ranking import RankedRow, Ranking, rank
from thesis.reporting.sweeps.ranking_table import (
    plain_rows,
    ranking_markdown,
    summary_lines,
    write_json,
    write_parquet,
)
from thesis.reporting.sweeps.trial_values import last_value
from thesis.results.summary import Summary
from thesis.tracking.records import TrialRecord
from thesis_workloads.registry import find_system


def rank_sweep(plan: SweepPlan, records: list[TrialRecord]) -> Ranking:
    """Returns a sweep's configurations, best first."""
    system = find_system(plan.system)
    return rank(
        records,
        searched=tuple(plan.space),
        metric=system.selection_metric,
        test_metric=system.test_metric,
        higher_is_better=system.mode == "max",
        baseline_ignores=system.baseline_ignores,
        reported=system.reported,
        readings={
            name: (control.metric, control.test_metric)
            for name, control in system.controls.items()
            if name in plan.controls and not control.is_run
        },
    )


def summarise_sweep(plan: SweepPlan, ranking: Ranking) -> list[str]:
    """Returns the result of a sweep in a few sentences."""
    system = find_system(plan.system)
    lines = summary_lines(
        ranking,
        method_name=system.method_name,
        baseline_name=system.baseline_name,
        controls=system.controls,
    )
    note = DATA_NOTES.get(getattr(plan.config, "data", ""))
    return [*lines, f"{note[0].upper()}{note[1:]}"] if note else lines


def conclude_sweep(results: Path, plan: Plan, records: list[TrialRecord]) -> Summary:
    """Writes ranking and figures of a sweep into a folder; the best trial is the best seed of the best row."""
    if not isinstance(plan, SweepPlan):
        raise TypeError(f"conclude_sweep must be given a sweep, got {type(plan).__name__}")
    ranking = rank_sweep(plan, records)
    results.mkdir(parents=True, exist_ok=True)
    rows = plain_rows(ranking)
    write_json(rows, results / "ranking.json")
    write_parquet(rows, results / "ranking.parquet")
    name = find_system(plan.system).baseline_name
    text = "\n".join([*summarise_sweep(plan, ranking), "", ranking_markdown(ranking, baseline_name=name)])
    (results / "ranking.md").write_text(text, encoding="utf-8")
    if any(record.history for record in records):
        _draw_sweep(results, plan, records, ranking)
    best = ranking.best
    if best is None:
        return Summary(best_trial=None)
    return Summary(
        best_trial=_best_trial(best, records, ranking), metrics=_metrics(best, ranking), tags=_tags(best)
    )


def conclude_train(results: Path, plan: Plan, records: list[TrialRecord]) -> Summary:
    """Writes the learning curves of one training into a folder."""
    record = records[0]
    if record.history:
        save(single_run_curves(record), results, "learning-curves")
    return Summary(best_trial=record.trial_id if record.status == "finished" else None)


def _draw_sweep(results: Path, plan: SweepPlan, records: list[TrialRecord], ranking: Ranking) -> None:
    system = find_system(plan.system)
    shared: dict[str, Any] = {
        "searched": tuple(plan.space),
        "metric": system.selection_metric,
        "higher_is_better": system.mode == "max",
        "baseline_ignores": system.baseline_ignores,
    }
    save(metric_against_hyperparameters(records, **shared), results, "hyperparameters")
    save(parallel_coordinates(records, **shared), results, "parallel-coordinates")
    if ranking.best is not None:
        by_id = {record.trial_id: record for record in records}
        label = ", ".join(f"{key}={format_value(value)}" for key, value in ranking.best.settings.items())
        figure = learning_curves(
            [by_id[trial] for trial in ranking.best.trial_ids],
            [by_id[trial] for trial in ranking.baseline.trial_ids] if ranking.baseline else [],
            best_label=f"best: {label}",
            baseline_label=system.baseline_name,
            others=[
                (row.control, [by_id[trial] for trial in row.trial_ids])
                for row in ranking.controls
                if not row.is_reading
            ],
            metrics=_reported(records, ("train/accuracy", system.selection_metric)),
            is_training=system.next_command is None,
        )
        save(figure, results, "learning-curves")
    if plan.system in _FIGURES:
        _FIGURES[plan.system](results, plan, records)


def _reported(records: list[TrialRecord], metrics: tuple[str, ...]) -> list[str]:
    available = {key for record in records for row in record.history for key in row}
    return [metric for metric in metrics if metric in available] or list(metrics)


def _draw_deflection(results: Path, plan: SweepPlan, records: list[TrialRecord]) -> None:
    axes = ("num_deflections", "window", "sigma")
    if not set(axes) <= set(plan.space):
        return
    system = find_system(plan.system)
    for metric, name in ((system.selection_metric, "heat-maps"), ("val/clean_accuracy", "heat-maps-clean")):
        figure = heat_maps(
            records,
            rows=axes[0],
            columns=axes[1],
            panels=axes[2],
            metric=metric,
            baseline_name=system.baseline_name,
        )
        save(figure, results, name)


# Figures that only one system's sweep has.
_FIGURES: dict[str, Callable[[Path, SweepPlan, list[TrialRecord]], None]] = {
    "pixel-deflection": _draw_deflection
}


def _best_trial(best: RankedRow, records: list[TrialRecord], ranking: Ranking) -> str | None:
    sign = 1 if ranking.higher_is_better else -1
    values = {
        record.trial_id: sign * value
        for record in records
        if record.trial_id in best.trial_ids and (value := last_value(record, ranking.metric)) is not None
    }
    return max(values, key=values.__getitem__, default=None)


def _metrics(best: RankedRow, ranking: Ranking) -> dict[str, float]:
    intervals = {
        f"best/{ranking.metric}": best.selection,
        f"best/{ranking.test_metric}": best.test,
        f"gain/{ranking.metric}": best.gain,
        f"gain/{ranking.test_metric}": best.test_gain,
    }
    intervals |= {f"gain/{row.control}/{ranking.test_metric}": row.test_gain for row in ranking.controls}
    return {name: interval.mean for name, interval in intervals.items() if interval is not None}


def _tags(best: RankedRow) -> dict[str, str]:
    settings = {f"best.{key}": format_value(value) for key, value in best.settings.items()}
    return {**settings, "thesis.verdict": best.verdict}
