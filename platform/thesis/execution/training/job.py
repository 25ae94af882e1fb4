"""A planned run from its first check to its last artifact: data, store, Ray, and what follows."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.execution.cluster.connection import connected
from thesis.execution.cluster.ray_messages import messages_to
from thesis.execution.cluster.resources import num_fitting, packed
from thesis.execution.storage.filesystems import check_storage, is_remote
from thesis.execution.storage.run_folder import RunFolder, check_home, create_run, load_plan, stored_extra
from thesis.execution.storage.run_lock import run_lock
from thesis.execution.training.job_data import JobData, data_key, load_job_data
from thesis.execution.training.run_metadata import note_of, params_of, tags_of, view_of
from thesis.execution.training.table_trials import (
    data_by_trial,
    keep_finished,
    labels_of_trials,
    reuse_finished,
)
from thesis.execution.training.workloads import (
    check_config,
    data_settings,
    find_workload,
    load_data,
)
from thesis.experiments.plan import Plan, SweepPlan, TablePlan, TrainPlan, planned_trials
from thesis.results.findings import DataUsed
from thesis.results.summary import Summary
from thesis.tracking.journal import Journal, read_events
from thesis.tracking.mlflow.session import Session, end_run, link_comparison, log_files, log_table, tracked
from thesis.tracking.mlflow.store import open_experiment, tracking_uri, wait_until_reachable
from thesis.tracking.records import TrialRecord, read_records
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.workload import Workload
from thesis_workloads.registry import find_system


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """Where and how a job runs; none of it changes its numbers."""

    output_dir: Path
    data_dir: Path | None
    checkpoint_dir: str | None = None  # a folder or an object store; None: in the run's own folder
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
    unsent: str  # what the store or the registry refused; empty if nothing
    model_uri: str | None
    summary: Summary
    data: Mapping[str, DataUsed]  # by trial
    num_reused: int = 0  # trials that another run had finished


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The trial whose model is kept."""

    config: Any
    data: Any
    state: dict[str, Any]


Watch = Callable[[RunFolder, Plan, bool], AbstractContextManager[None]]
Conclude = Callable[[Path, Plan, list[TrialRecord]], Summary]


def run_job(
    plan: Plan, options: JobOptions, *, watch: Watch, conclude: Conclude, data: JobData | None = None
) -> Outcome:
    """Runs a plan, or goes on with its unfinished run.

    ``watch`` shows progress while it lasts; ``conclude`` writes the results into a folder; ``data`` are the
    plan's, where they are loaded already.

    Raises:
        UserError: for anything the user can mend, before training starts.
    """
    workload = find_workload(plan.system)
    for config in _configs(plan):
        check_config(workload, config)
    data = data or load_job_data(workload, plan, options.data_dir, download=options.download)
    extra = {
        "data_digest": data.digest,
        "data_dir": str(options.data_dir.resolve()) if options.data_dir else "",
        **_checkpoint_dir(options),
    }
    folder, goes_on = create_run(options.output_dir, plan, fresh=options.fresh, extra=extra)
    try:
        return _locked_run(
            folder, plan, workload, data, options, goes_on=goes_on, watch=watch, conclude=conclude
        )
    except UserError:
        if not goes_on and not has_begun(folder):
            shutil.rmtree(folder.path, ignore_errors=True)  # a later resume would pick what never started
        raise


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
    data = load_job_data(workload, plan, data_dir, download=False)
    return _locked_run(folder, plan, workload, data, options, goes_on=True, watch=watch, conclude=conclude)


def has_begun(folder: RunFolder) -> bool:
    """Returns whether a trial of a run has started."""
    return next(iter(read_events(folder.journal)), None) is not None


def _locked_run(folder: RunFolder, *arguments: Any, **settings: Any) -> Outcome:
    with run_lock(folder.path), messages_to(folder.path):
        check_home(folder)
        return _run(folder, *arguments, **settings)


def _checkpoint_dir(options: JobOptions) -> dict[str, str]:
    if not options.checkpoint_dir:
        return {}
    where = options.checkpoint_dir
    if not is_remote(where):
        where = str(Path(where).resolve())
    check_storage(where)
    return {"checkpoint_dir": where}


def _configs(plan: Plan) -> list[Any]:
    if isinstance(plan, TrainPlan):
        return [plan.config]
    return [plan.config, *(trial.config for trial in planned_trials(plan))]


def _run(
    folder: RunFolder,
    plan: Plan,
    workload: Workload,
    data: JobData,
    options: JobOptions,
    *,
    goes_on: bool,
    watch: Watch,
    conclude: Conclude,
) -> Outcome:
    if stored_extra(folder)["data_digest"] != data.digest:
        raise UserError(
            f"{data.names or 'the data'} has changed since {folder.name} started (digest {data.digest}, then"
            f" {stored_extra(folder)['data_digest']}); start a new run"
        )
    system = find_system(plan.system)
    uri = tracking_uri(options.output_dir)
    experiment_id = open_experiment(
        uri, name=system.name, output_dir=options.output_dir, tags={"mlflow.note.content": system.title}
    )
    is_nested = not isinstance(plan, TrainPlan) and plan.resources.workers > 1
    num_reused = 0
    if isinstance(plan, TablePlan) and not options.fresh:
        num_reused = reuse_finished(folder, plan, workload, data)
    is_idle = not _is_anything_left(folder, plan)
    own_data = data.used[data_key(workload, plan.config)]
    with (
        nullcontext() if is_idle else connected(dashboard=is_nested),
        nullcontext(0 if is_idle else num_fitting(packed(plan.resources))),  # before MLflow has a run of it
        tracked(
            uri=uri,
            experiment_id=experiment_id,
            journal=folder.journal,
            name=folder.name,
            has_trials=not isinstance(plan, TrainPlan),
            params=params_of(plan),
            tags=tags_of(plan, data),
            description=note_of(plan),
            first_metric=system.selection_metric,
            dataset={"name": own_data.name, "version": own_data.version, "digest": own_data.digest},
            level="table" if isinstance(plan, TablePlan) else None,
            of_trials=labels_of_trials(plan, workload, data) if isinstance(plan, TablePlan) else {},
        ) as session,
    ):
        with watch(folder, plan, goes_on):
            was_interrupted = False if is_idle else _execute(folder, plan, data, options)
        records = read_records(read_events(folder.journal))
        if isinstance(plan, TablePlan):
            keep_finished(folder, plan, workload, data, records)
        summary, model_uri, unsent = Summary(), None, ""
        if not was_interrupted:
            summary = conclude(folder.results, plan, records)
            wait_until_reachable(uri, run=folder.name)
            chosen = _chosen_model(folder, plan, workload, data.first, summary.best_trial)
            if chosen is not None:
                _log_tables(session, folder, workload, chosen)
                try:
                    model_uri = _log_model(session, system.name, workload, chosen)
                except UserError as error:
                    unsent = str(error)  # everything was run all the same
            folder.mark_complete()
        session.sender.close()
        link_comparison(session, note_of(plan), run=folder.name, view=view_of(plan))
        _end(session, folder, summary, records, was_interrupted=was_interrupted)
    return Outcome(
        folder=folder,
        plan=plan,
        records=records,
        was_interrupted=was_interrupted,
        experiment_id=experiment_id,
        run_id=session.run_id,
        uri=uri,
        all_sent=session.sender.pending_bytes() == 0 and not unsent,
        unsent=unsent,
        model_uri=model_uri,
        summary=summary,
        data=data_by_trial(plan, workload, data) if isinstance(plan, TablePlan) else {},
        num_reused=num_reused,
    )


def _is_anything_left(folder: RunFolder, plan: Plan) -> bool:
    """Returns whether a trial is left to run; of a table alone this is known before Ray starts."""
    if not isinstance(plan, TablePlan):
        return True
    journal = Journal(folder.journal)
    ended = journal.ended()
    journal.close()
    return any(trial.key not in ended for trial in plan.trials)


def _execute(folder: RunFolder, plan: Plan, data: JobData, options: JobOptions) -> bool:
    from thesis.execution.training.sweep import run_sweep
    from thesis.execution.training.train import run_training

    data_dir = str(options.data_dir.resolve()) if options.data_dir else None
    if isinstance(plan, TrainPlan):
        return run_training(folder, plan, data_dir=data_dir)
    return run_sweep(folder, plan, data, data_dir=data_dir, concurrency=options.concurrency)


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
    from thesis.execution.storage.checkpoints import newest_state

    if workload.restore is None and workload.tables is None:
        return None
    state = None if best_trial is None else newest_state(folder, best_trial)
    if state is None:
        return None
    config = plan.config
    if isinstance(plan, SweepPlan):
        by_id = {trial.trial_id: trial for trial in read_records(read_events(folder.journal))}
        config = find_system(plan.system).config(**by_id[str(best_trial)].config)
        if data_settings(workload, config) != data_settings(workload, plan.config):
            stored = stored_extra(folder)["data_dir"]
            data = load_data(workload, config, Path(stored) if stored else None)
    return _Chosen(config=config, data=data, state=state)


def _log_model(session: Session, system: str, workload: Workload, chosen: _Chosen) -> str | None:
    """Logs and registers the chosen model, if the system says how to build it and what it reads."""
    if workload.restore is None or workload.example is None:
        return None
    from thesis.tracking.mlflow.models import log_model

    module = workload.restore(chosen.config, chosen.data, chosen.state)
    return log_model(
        session,
        module,
        example=workload.example(chosen.data),
        registered_name="-".join(filter(None, (system, str(getattr(chosen.config, "data", ""))))),
    )


def _log_tables(session: Session, folder: RunFolder, workload: Workload, chosen: _Chosen) -> None:
    """Logs what the workload shows of its model as tables, and keeps them beside the figures."""
    if workload.tables is None:
        return
    folder.results.mkdir(parents=True, exist_ok=True)
    for name, rows in workload.tables(chosen.config, chosen.data, chosen.state).items():
        (folder.results / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        log_table(session, rows, name=f"tables/{name}.json")
