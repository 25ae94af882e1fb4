"""An evaluation from its first check to its last artifact: images, store, Ray Data, aggregates, MLflow."""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from thesis.execution.cluster.connection import cluster_resources, ray_session
from thesis.execution.cluster.ray_messages import messages_to
from thesis.execution.evaluation.adversarial_store import sets_root
from thesis.execution.evaluation.attack_stage import ClassifierSource
from thesis.execution.evaluation.audit import audit_rows, marked, probe_rows
from thesis.execution.evaluation.example_images import pictures
from thesis.execution.evaluation.images import ImageSet, images_of_plan
from thesis.execution.evaluation.pipeline import Throughput, num_rows, run_pipeline
from thesis.execution.evaluation.summary import adaptive_curves, counts, finite_numbers, problems, summarise
from thesis.execution.evaluation.tracked_run import describe, params_of, tags_of, title_of
from thesis.execution.storage.cache import cache_root
from thesis.execution.storage.filesystems import StorageLocation, check_storage
from thesis.execution.storage.run_folder import check_writable
from thesis.execution.storage.run_names import new_numbered_folder
from thesis.tracking.journal import Journal
from thesis.tracking.mlflow.metric_names import metric_name
from thesis.tracking.mlflow.session import Session, end_run, log_files, log_table, tracked
from thesis.tracking.mlflow.store import open_experiment, tracking_uri
from thesis_workloads.classifiers.catalog import CATALOG, load_classifier
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation import NO_DEFENSE
from thesis_workloads.contract.evaluation_plan import EvaluationPlan


@dataclass(frozen=True, kw_only=True)
class EvaluationOptions:
    """Where and how an evaluation runs; no option changes its numbers."""

    output_dir: Path
    data_dir: Path | None
    throughput: Throughput = dataclasses.field(default_factory=Throughput)


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The results of an evaluation."""

    plan: EvaluationPlan
    images: ImageSet
    rows: pa.Table  # one per image, attack and defence
    summary: list[dict[str, Any]]  # one per attack and defence
    curves: list[dict[str, Any]]  # one per defence and strength of the attacker who knows it
    audit: list[dict[str, str]]  # one per defence and check; empty where nothing was audited
    probes: list[dict[str, Any]]  # one per defence and attack that the audit compares
    counts: Mapping[str, int]
    problems: Mapping[str, str]  # image -> the reason why it failed
    pictures: Mapping[str, Any]  # arrays by name, as `evaluation_pictures` makes them
    seconds: float


@dataclass(frozen=True, kw_only=True)
class EvaluationOutcome:
    """The results of an evaluation, and where they are kept."""

    evaluated: Evaluated
    folder: Path
    uri: str
    experiment_id: str
    run_id: str
    all_sent: bool
    core_s: float  # seconds of CPU cores that were held


Watch = Callable[[int], AbstractContextManager[Callable[[int], None]]]
Conclude = Callable[[Path, Evaluated], None]


def catalog_source(name: str, *, weights: str) -> ClassifierSource:
    """Returns a classifier of the catalog; weights that no package ships are read once to check them.

    Raises:
        UserError: if there is no such classifier, or its weights are not here.
    """
    path = Path(weights).resolve() if weights else None
    try:
        if name not in CATALOG:
            raise ValueError(f"--classifier must be one of {', '.join(CATALOG)}, got {name!r}")
        recipe = CATALOG[name]
        if path is not None or recipe.shipped is None:
            load_classifier(name, weights=path)  # else every actor would say what is wrong with the file
        file = path or (recipe.shipped() if recipe.shipped else Path())
        content = hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()
    except (ValueError, OSError, ImportError) as error:
        raise UserError(str(error)) from error
    return ClassifierSource(
        name=name,
        digest=content,
        input_size=recipe.input_size,
        load=partial(load_classifier, name, weights=path),
    )


def run_evaluation(
    plan: EvaluationPlan,
    options: EvaluationOptions,
    source: ClassifierSource,
    *,
    watch: Watch,
    conclude: Conclude,
    images: ImageSet | None = None,
) -> EvaluationOutcome:
    """Runs an evaluation; adversarial sets that are in the store already are not made again.

    Args:
        watch: given the number of rows to come, shows progress while it lasts; gives a function that
            is called with the number of rows as they are done.
        conclude: writes tables and figures into a folder.
        images: in place of those that the plan names.

    Raises:
        UserError: for anything the user can fix, before the pipeline starts.
    """
    check_writable(options.output_dir)
    cache, store = cache_root(options.data_dir), sets_root(options.data_dir)
    check_writable(cache, what="the folder of adversarial images", option="--data-dir")
    check_storage(store)
    images = images or images_of_plan(plan, cache=cache)
    folder = _new_folder(options.output_dir, plan)
    uri = tracking_uri(options.output_dir)
    experiment_id = open_experiment(
        uri, name=plan.system, output_dir=options.output_dir, tags={"mlflow.note.content": title_of(plan)}
    )
    dataset = {"name": images.name, "version": str(len(images.photographs)), "digest": images.digest}
    with (
        messages_to(folder),
        ray_session(dashboard=False),
        tracked(
            uri=uri,
            experiment_id=experiment_id,
            journal=folder / "journal.jsonl",
            name=folder.name,
            has_trials=True,
            params=params_of(plan),
            tags=tags_of(plan, images, source),
            description=describe(plan),
            first_metric="test/accuracy",
            dataset=dataset,
            level="evaluation",
        ) as session,
    ):
        try:
            evaluated = _evaluate(plan, images, source, store, options.throughput, watch)
        except KeyboardInterrupt:
            end_run(session, "KILLED", metrics={}, tags={})
            raise
        core_s = evaluated.seconds * cluster_resources().get("CPU", 1.0)
        _keep(folder, evaluated, conclude)
        _log(session, folder, evaluated)
    return EvaluationOutcome(
        evaluated=evaluated,
        folder=folder,
        uri=uri,
        experiment_id=experiment_id,
        run_id=session.run_id,
        all_sent=session.sender.pending_bytes() == 0,
        core_s=core_s,
    )


def _evaluate(
    plan: EvaluationPlan,
    images: ImageSet,
    source: ClassifierSource,
    store: StorageLocation,
    throughput: Throughput,
    watch: Watch,
) -> Evaluated:
    began = time.perf_counter()
    with watch(num_rows(plan, len(images.photographs))) as on_rows:
        rows = run_pipeline(plan, images, source, store=store, throughput=throughput, on_rows=on_rows)
    listed, seconds = rows.to_pylist(), time.perf_counter() - began
    audited = audit_rows(plan, listed)
    return Evaluated(
        plan=plan,
        images=images,
        rows=rows,
        summary=marked(summarise(plan, listed), audited),
        curves=adaptive_curves(plan, listed),
        audit=audited,
        probes=probe_rows(plan, listed),
        counts=counts(plan, listed),
        problems=problems(listed),
        pictures=pictures(plan, images, source, store=store),
        seconds=seconds,
    )


def _new_folder(output_dir: Path, plan: EvaluationPlan) -> Path:
    stem = f"{plan.system}-evaluate-{plan.digest}"
    folder = new_numbered_folder(output_dir.resolve(), stem)
    (folder / "results").mkdir()
    plan_text = json.dumps(dataclasses.asdict(plan), indent=2)
    (folder / "evaluation.json").write_text(plan_text + "\n", encoding="utf-8")
    return folder


def _keep(folder: Path, evaluated: Evaluated, conclude: Conclude) -> None:
    results = folder / "results"
    pq.write_table(evaluated.rows, results / "rows.parquet")
    for name, key in (
        ("summary", "summary"),
        ("adaptive", "curves"),
        ("audit", "audit"),
        ("probes", "probes"),
    ):
        rows = getattr(evaluated, key)
        if rows:
            pq.write_table(pa.Table.from_pylist(rows), results / f"{name}.parquet")
            (results / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    conclude(results, evaluated)


def _log(session: Session, folder: Path, evaluated: Evaluated) -> None:
    """Logs a child run per attack and defence, then the whole."""
    journal = Journal(folder / "journal.jsonl")
    plan = evaluated.plan
    shared = {"classifier": plan.classifier, "images": evaluated.images.name, "seed": plan.seed}
    pairs = [(attack, defense) for attack in plan.attacks for defense in plan.defenses]
    for row, (attack, defense) in zip(evaluated.summary, pairs, strict=True):
        config = {
            "attack": attack.label,
            "defense": defense.name,
            **shared,
            **{f"attack.{key}": value for key, value in attack.parameters.items()},
            **{f"defense.{key}": value for key, value in defense.settings.items()},
        }
        trial = f"{attack.label}-{defense.name}"
        name = f"{attack.label} x {defense.name}"
        journal.start(trial, name=name, config=config, is_baseline=defense.name == NO_DEFENSE)
        journal.epoch(trial, {"epoch": 1, **finite_numbers(row, prefix="test/")})
        journal.end(trial, status="finished")
    journal.close()
    log_files(session, folder / "results")
    log_table(session, evaluated.summary, name="results/summary-table.json")
    if evaluated.audit:
        log_table(session, evaluated.audit, name="results/audit-table.json")
    metrics = {f"count/{key}": float(value) for key, value in evaluated.counts.items()}
    for row in evaluated.summary:
        for key in ("accuracy", "vote_accuracy"):
            metrics[f"{metric_name(row['attack'])}/{metric_name(row['defense'])}/{key}"] = row[key]
        if "num_failed_checks" in row:
            metrics[f"audit/{metric_name(row['defense'])}/failed"] = row["num_failed_checks"]
    metrics["throughput/rows_per_s"] = evaluated.rows.num_rows / max(evaluated.seconds, 1e-9)
    metrics["throughput/seconds"] = evaluated.seconds
    end_run(session, "FINISHED", metrics=finite_numbers(metrics), tags={})
