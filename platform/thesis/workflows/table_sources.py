"""The three sources of a table's numbers: training runs, an evaluation of attacks and defenses, a measurement.

Each is prepared first, which says by a digest what it would be made from, and run only where no such table is kept.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from thesis.execution.evaluation.findings import findings_of
from thesis.execution.evaluation.images import images_of_plan
from thesis.execution.evaluation.pipeline import Throughput
from thesis.execution.evaluation.run import EvaluationOptions, catalog_source
from thesis.execution.evaluation.run import Watch as WatchRows
from thesis.execution.measurements.run import make_request, measurement_digest, run_measurement
from thesis.execution.storage.cache import cache_root
from thesis.execution.storage.code_digest import code_digest
from thesis.execution.training.job import JobOptions, run_job
from thesis.execution.training.job import Watch as WatchTrials
from thesis.execution.training.job_data import load_job_data
from thesis.execution.training.workloads import find_workload
from thesis.experiments.plan import Plan
from thesis.experiments.stored_plan import plan_digest
from thesis.reporting.drawing.panels import draw_panels
from thesis.reporting.tables.curves import draw_curves
from thesis.reporting.tables.filter_figures import draw_filters
from thesis.reporting.tables.run_findings import run_findings
from thesis.results.findings import Findings
from thesis.results.measured_tables import Spent
from thesis.results.summary import Summary
from thesis.tracking.mlflow.metric_names import metric_name
from thesis.tracking.records import TrialRecord
from thesis.workflows.evaluate import evaluate
from thesis.workflows.reproduce_plan import Settings, evaluation_plan_of, num_seeds_of, table_plan_of
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.evaluation_tables import DeclaredEvaluation
from thesis_workloads.contract.tables import DeclaredMeasurement, DeclaredRuns

_CELLS_CODE = "thesis.reporting.tables.run_findings"  # makes cells of trials
_EVALUATION_CODE = (
    "thesis.execution.evaluation.findings",
    "thesis.execution.evaluation.pipeline",
    "thesis_workloads.attacks",
    "thesis_workloads.defenses",
    "thesis_workloads.systems.pixel_deflection",
)


@dataclass(frozen=True, kw_only=True)
class Watches:
    """What shows progress while a table is made: of trials, and of the rows of an evaluation."""

    trials: WatchTrials
    rows: WatchRows


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What running a source gave."""

    findings: Findings
    folder: Path  # of the run
    experiment_id: str
    run_id: str
    spent: Spent
    provenance: Mapping[str, str]
    detail: str  # a sentence on what it took
    was_interrupted: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table's numbers, not made yet."""

    digest: str  # of configuration, data, code and cells
    run: Callable[[], Measured]


def prepare_runs(name: str, declared: DeclaredRuns, settings: Settings, watches: Watches) -> Source:
    """Returns the training runs of a table, made on Ray Tune."""
    plan = table_plan_of(declared, settings)
    data = load_job_data(find_workload(plan.system), plan, settings.data_dir, download=settings.download)
    key = digest([plan_digest(plan), data.digest, _plain(declared.cells), code_digest(_CELLS_CODE)], 16)

    def run() -> Measured:
        find = partial(
            run_findings, declared, scale=settings.scale, num_seeds=settings.num_seeds, seed=settings.seed
        )

        def conclude(results: Path, plan: Plan, records: list[TrialRecord]) -> Summary:
            results.mkdir(parents=True, exist_ok=True)
            found = find(records=records, data={})
            draw_curves(results, name, declared.title, declared.curves, found.cells)
            return Summary(metrics=_means(found))

        began = time.perf_counter()
        outcome = run_job(
            plan,
            JobOptions(
                output_dir=settings.output_dir,
                data_dir=settings.data_dir,
                concurrency=settings.concurrency,
                fresh=settings.fresh,
                download=settings.download,
            ),
            watch=watches.trials,
            conclude=conclude,
            data=data,
        )
        findings = find(records=outcome.records, data=outcome.data)
        trial_s = sum(record.wall_s for record in outcome.records)
        return Measured(
            findings=findings,
            folder=outcome.folder.path,
            experiment_id=outcome.experiment_id,
            run_id=outcome.run_id,
            provenance={
                "trials": f"{len(plan.trials)}, of which {outcome.num_reused} were taken over from other runs",
                "trial_s": f"{trial_s:.0f}",
            },
            spent=Spent(
                num_trials=len(plan.trials),
                num_reused=outcome.num_reused,
                core_s=trial_s * plan.resources.workers * plan.resources.cpus_per_worker,
                wall_s=time.perf_counter() - began,
            ),
            detail=(
                f"{_counted(len(plan.trials), 'trial')}, {outcome.num_reused} of them finished by other runs;"
                f" {trial_s:.0f} s of trials."
            ),
            was_interrupted=outcome.was_interrupted,
        )

    return Source(digest=key, run=run)


def prepare_evaluation(
    name: str, declared: DeclaredEvaluation, settings: Settings, watches: Watches
) -> Source:
    """Returns the attacks and defenses of a table, made on Ray Data."""
    plan = evaluation_plan_of(name, settings)
    source = catalog_source(plan.classifier, weights=plan.weights)
    images = images_of_plan(plan, cache=cache_root(settings.data_dir))
    cells = _plain(declared.cells)
    key = digest([plan.digest, images.digest, source.digest, code_digest(*_EVALUATION_CODE), cells], 16)

    def run() -> Measured:
        outcome = evaluate(
            plan,
            EvaluationOptions(
                output_dir=settings.output_dir,
                data_dir=settings.data_dir,
                throughput=Throughput(
                    concurrency=settings.concurrency, gpus_per_worker=settings.resources.gpus_per_worker
                ),
            ),
            watch=watches.rows,
            source=source,
            images=images,
        )
        evaluated = outcome.evaluated
        findings = findings_of(declared, evaluated)
        return Measured(
            findings=findings,
            folder=outcome.folder,
            experiment_id=outcome.experiment_id,
            run_id=outcome.run_id,
            provenance={"wall_s": f"{evaluated.seconds:.0f}"},
            spent=Spent(
                num_trials=len(plan.attacks) * len(plan.defenses),
                core_s=outcome.core_s,
                wall_s=evaluated.seconds,
            ),
            detail=(f"{evaluated.rows.num_rows} rows in {evaluated.seconds:.0f} s."),
        )

    return Source(digest=key, run=run)


def prepare_measurement(name: str, declared: DeclaredMeasurement, settings: Settings, _: Watches) -> Source:
    """Returns the function that measures a table."""
    seeds = tuple(range(settings.seed, settings.seed + num_seeds_of(declared, settings)))
    request = make_request(
        declared,
        scale=settings.scale,
        seeds=seeds,
        output_dir=settings.output_dir,
        data_dir=settings.data_dir,
        concurrency=settings.concurrency,
    )
    key = measurement_digest(declared, request)

    def run() -> Measured:

        def draw(results: Path, findings: Findings) -> None:
            draw_curves(results, name, declared.title, declared.curves, findings.cells)
            draw_panels(results, name, declared.title)
            draw_filters(results, name, declared.title)

        outcome = run_measurement(declared, request, key=key, output_dir=settings.output_dir, draw=draw)
        findings = dataclasses.replace(outcome.findings, notes=(*declared.notes, *outcome.findings.notes))
        return Measured(
            findings=findings,
            folder=outcome.folder,
            experiment_id=outcome.experiment_id,
            run_id=outcome.run_id,
            provenance={"wall_s": f"{outcome.seconds:.0f}"},
            spent=Spent(num_trials=len(seeds), core_s=outcome.core_s, wall_s=outcome.seconds),
            detail=(f"{_counted(len(findings.cells), 'number')} in {outcome.seconds:.0f} s."),
        )

    return Source(digest=key, run=run)


PREPARE: Mapping[str, Callable[[str, Any, Settings, Watches], Source]] = {
    "runs": prepare_runs,
    "evaluation": prepare_evaluation,
    "measurement": prepare_measurement,
}


def _plain(cells: Sequence[Any]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(cell) for cell in cells]


def _counted(count: int, word: str) -> str:
    """Returns a count with its word, in the plural unless there is one."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _means(findings: Findings) -> dict[str, float]:
    means = {}
    for cell in findings.cells:
        row = " ".join(str(value) for value in cell.row.values())
        means[metric_name(f"table/{row}/{cell.column}")] = sum(cell.values.values()) / len(cell.values)
    return means
