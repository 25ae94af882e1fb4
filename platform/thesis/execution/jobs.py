"""A planned run from its first check to its last artifact: data, store, Ray, and what follows."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.errors import UserError
from thesis.execution.connect import connected
from thesis.execution.run_folder import RunFolder, create_run, load_plan, stored_extra
from thesis.execution.workloads import Workload, check_config, find_workload, load_data
from thesis.experiments.catalog import find_system
from thesis.experiments.fields import as_overrides
from thesis.experiments.plan import Plan, SweepPlan, TrainPlan, candidates, plan_to_dict, trials_of
from thesis.tracking.journal import read_events
from thesis.tracking.provenance import provenance_tags
from thesis.tracking.records import TrialRecord, read_records
from thesis.tracking.session import Session, end_run, link_comparison, log_files, log_table, tracked
from thesis.tracking.store import open_experiment, tracking_uri
from thesis.tracking.summary import Summary


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """Where and how a job runs; none of it changes its numbers."""

    output_dir: Path
    data_dir: Path | None
    concurrency: int | None = None
    fresh: bool = False
    download: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a job leaves behind."""

    folder: RunFolder
    plan: Plan
    records: list[TrialRecord]
    was_interrupted: bool
    experiment_id: str
    run_id: str
    uri: str
    all_sent: bool
    model_uri: str | None
    summary: Summary


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The trial whose model is kept."""

    config: Any
    data: Any
    state: dict[str, Any]


Watch = Callable[[RunFolder, Plan, bool], AbstractContextManager[None]]
Conclude = Callable[[Path, Plan, list[TrialRecord]], Summary]


def run_job(plan: Plan, options: JobOptions, *, watch: Watch, conclude: Conclude) -> Outcome:
    """Runs a plan, or goes on with its unfinished run.

    ``watch`` shows progress while it lasts; ``conclude`` writes the results into a folder.

    Raises:
        UserError: for anything the user can mend, before training starts.
    """
    workload = find_workload(plan.system)
    for config in _configs(plan):
        check_config(workload, config)
    data = load_data(workload, plan.config, options.data_dir, download=options.download)
    extra = {
        "data_digest": data.digest,
        "data_dir": str(options.data_dir.resolve()) if options.data_dir else "",
    }
    folder, goes_on = create_run(options.output_dir, plan, fresh=options.fresh, extra=extra)
    return _run(folder, plan, workload, data, options, goes_on=goes_on, watch=watch, conclude=conclude)


def resume_job(folder: RunFolder, options: JobOptions, *, watch: Watch, conclude: Conclude) -> Outcome:
    """Goes on with a run as its own plan says.

    Raises:
        UserError: if the plan or the data are no longer those that the run started with.
    """
    plan = load_plan(folder)
    extra = stored_extra(folder)
    data_dir = options.data_dir or (Path(extra["data_dir"]) if extra["data_dir"] else None)
    options = dataclasses.replace(options, data_dir=data_dir)
    workload = find_workload(plan.system)
    data = load_data(workload, plan.config, data_dir)
    return _run(folder, plan, workload, data, options, goes_on=True, watch=watch, conclude=conclude)


def _configs(plan: Plan) -> list[Any]:
    if isinstance(plan, TrainPlan):
        return [plan.config]
    return [plan.config, *(trial.config for trial in trials_of(plan, candidates(plan)))]


def _run(
    folder: RunFolder,
    plan: Plan,
    workload: Workload,
    data: Any,
    options: JobOptions,
    *,
    goes_on: bool,
    watch: Watch,
    conclude: Conclude,
) -> Outcome:
    if stored_extra(folder)["data_digest"] != data.digest:
        raise UserError(
            f"{plan.config.data} has changed since {folder.name} started (digest {data.digest}, then"
            f" {stored_extra(folder)['data_digest']}); start a new run"
        )
    system = find_system(plan.system)
    uri = tracking_uri(options.output_dir)
    experiment_id = open_experiment(
        uri, name=plan.system, output_dir=options.output_dir, tags={"mlflow.note.content": system.title}
    )
    is_nested = isinstance(plan, SweepPlan) and plan.resources.workers > 1
    with (
        connected(dashboard=is_nested),
        tracked(
            uri=uri,
            experiment_id=experiment_id,
            journal=folder.journal,
            name=folder.name,
            has_trials=isinstance(plan, SweepPlan),
            params=_params(plan),
            tags=_tags(plan, data),
            description=describe(plan),
            first_metric=system.selection_metric,
            dataset={"name": data.name, "version": data.version, "digest": data.digest},
        ) as session,
    ):
        with watch(folder, plan, goes_on):
            was_interrupted = _execute(folder, plan, options)
        records = read_records(read_events(folder.journal))
        summary, model_uri = Summary(), None
        if not was_interrupted:
            summary = conclude(folder.results, plan, records)
            chosen = _chosen_model(folder, plan, workload, data, summary.best_trial)
            if chosen is not None:
                _log_tables(session, folder, workload, chosen)
                model_uri = _log_model(session, plan.system, workload, chosen)
            folder.mark_complete()
        session.sender.close()
        link_comparison(session, describe(plan))
        _end(session, folder, summary, records, was_interrupted=was_interrupted)
    return Outcome(
        folder=folder,
        plan=plan,
        records=records,
        was_interrupted=was_interrupted,
        experiment_id=experiment_id,
        run_id=session.run_id,
        uri=uri,
        all_sent=session.sender.pending_bytes() == 0,
        model_uri=model_uri,
        summary=summary,
    )


def _execute(folder: RunFolder, plan: Plan, options: JobOptions) -> bool:
    from thesis.execution.sweep import run_sweep
    from thesis.execution.train import run_training

    data_dir = str(options.data_dir.resolve()) if options.data_dir else None
    if isinstance(plan, SweepPlan):
        return run_sweep(folder, plan, data_dir=data_dir, concurrency=options.concurrency)
    return run_training(folder, plan, data_dir=data_dir)


def _end(
    session: Session,
    folder: RunFolder,
    summary: Summary,
    records: list[TrialRecord],
    *,
    was_interrupted: bool,
) -> None:
    if folder.results.exists():
        log_files(session, folder.results)
    if was_interrupted:
        status = "KILLED"
    else:
        status = "FINISHED" if any(record.status == "finished" for record in records) else "FAILED"
    end_run(session, status, metrics=summary.metrics, tags=summary.tags)


def _chosen_model(
    folder: RunFolder, plan: Plan, workload: Workload, data: Any, best_trial: str | None
) -> _Chosen | None:
    """Returns the configuration, data and last state of the best trial, or None where there is no state."""
    from thesis.execution.checkpoints import newest_state

    state = None if best_trial is None else newest_state(folder, best_trial)
    if state is None:
        return None
    config = plan.config
    if isinstance(plan, SweepPlan):
        by_id = {trial.trial_id: trial for trial in read_records(read_events(folder.journal))}
        config = find_system(plan.system).config(**by_id[str(best_trial)].config)
        if any(getattr(config, key) != getattr(plan.config, key) for key in workload.data_fields):
            stored = stored_extra(folder)["data_dir"]
            data = load_data(workload, config, Path(stored) if stored else None)
    return _Chosen(config=config, data=data, state=state)


def _log_model(session: Session, system: str, workload: Workload, chosen: _Chosen) -> str:
    from thesis.tracking.models import log_model

    module = workload.restore(chosen.config, chosen.data, chosen.state)
    return log_model(
        session,
        module,
        example=workload.example(chosen.data),
        registered_name=f"{system}-{chosen.config.data}",
    )


def _log_tables(session: Session, folder: RunFolder, workload: Workload, chosen: _Chosen) -> None:
    """Logs what the workload shows of its model as tables, and keeps them beside the figures."""
    if workload.tables is None:
        return
    folder.results.mkdir(parents=True, exist_ok=True)
    for name, rows in workload.tables(chosen.config, chosen.data, chosen.state).items():
        (folder.results / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        log_table(session, rows, name=f"tables/{name}.json")


def _params(plan: Plan) -> dict[str, Any]:
    values = plan_to_dict(plan)
    flat = {
        **values.pop("config"),
        **{f"resources.{key}": value for key, value in values.pop("resources").items()},
    }
    for key, dimension in values.pop("space", {}).items():
        flat[f"space.{key}"] = dimension.get("values") or f"{dimension['low']}..{dimension['high']}"
    return {**flat, **values}


def _tags(plan: Plan, data: Any) -> dict[str, str]:
    system = find_system(plan.system)
    return {
        "thesis.system": plan.system,
        "thesis.scale": plan.scale,
        "thesis.chapter": str(system.chapter),
        "thesis.tables": " ".join(system.tables),
        "thesis.dataset": f"{data.name} {data.version}",
        "thesis.dataset_digest": data.digest,
        "thesis.runner": "ray-train"
        if isinstance(plan, TrainPlan) or plan.resources.workers > 1
        else "tune-function",
        "thesis.workers": str(plan.resources.workers),
        **provenance_tags(),
    }


def describe(plan: Plan) -> str:
    """Returns one paragraph for people who meet the run in MLflow."""
    system = find_system(plan.system)
    base = system.config()
    settings = as_overrides(plan.config, relative_to=base).replace("--set ", "") or "default settings"
    if isinstance(plan, TrainPlan):
        return f"{system.title}. One training run on {plan.config.data}: {settings}."
    searched = ", ".join(f"{key} in {_words(dim)}" for key, dim in plan_to_dict(plan)["space"].items())
    seeds = ", ".join(map(str, plan.seeds))
    return (
        f"{system.title}. Sweep ({plan.search} search, scheduler {plan.scheduler}) on {plan.config.data}"
        f" over {searched}, seeds {seeds}, beside {system.baseline_name} with the same budget: {settings}."
        " Each child run is a trial; tick some and press Compare."
    )


def _words(dimension: Mapping[str, Any]) -> str:
    if "values" in dimension:
        return "{" + ", ".join(str(value) for value in dimension["values"]) + "}"
    return f"[{dimension['low']:g}, {dimension['high']:g}]"
