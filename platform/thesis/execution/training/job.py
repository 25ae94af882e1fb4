"""A planned run from its first check to its last artifact: prepare, execute, conclude."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.execution.cluster.connection import ray_session
from thesis.execution.cluster.ray_messages import messages_to
from thesis.execution.cluster.resources import max_concurrent_trials, resolve_gpu_fraction
from thesis.execution.storage.filesystems import check_storage, is_remote
from thesis.execution.storage.run_folder import RunFolder, check_home, create_run, load_plan, stored_extra
from thesis.execution.storage.run_lock import run_lock
from thesis.execution.training.chosen_model import load_chosen_model, log_model_tables, register_model
from thesis.execution.training.job_data import JobData, data_key, load_job_data
from thesis.execution.training.run_metadata import note_of, params_of, tags_of, view_of
from thesis.execution.training.table_trials import (
    all_ended,
    data_by_trial,
    keep_finished,
    labels_of_trials,
    reuse_finished,
)
from thesis.execution.training.workloads import check_config, find_workload
from thesis.experiments.plan import Plan, TablePlan, TrainPlan, planned_trials, system_name
from thesis.results.findings import DataUsed
from thesis.results.summary import Summary
from thesis.tracking.journal import read_events
from thesis.tracking.mlflow.session import Session, end_run, link_comparison, log_files, tracked
from thesis.tracking.mlflow.store import open_experiment, tracking_uri, wait_until_reachable
from thesis.tracking.records import TrialRecord, read_records
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.workload import Workload
from thesis_workloads.registry import find_system


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """Where and how a job runs; no option changes its numbers."""

    output_dir: Path
    data_dir: Path | None
    checkpoint_dir: str | None = None  # a folder or an object store; None: in the run's own folder
    concurrency: int | None = None
    fresh: bool = False
    download: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The results of a job."""

    folder: RunFolder
    plan: Plan
    records: list[TrialRecord]
    was_interrupted: bool
    experiment_id: str
    run_id: str
    uri: str
    all_sent: bool
    unsent: str  # the store's or the registry's reason to refuse the model; empty if it was taken
    model_uri: str | None
    summary: Summary
    data: Mapping[str, DataUsed]  # by trial
    num_reused: int = 0  # trials that another run had finished


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """A run that is ready to be executed: its folder, plan and data, and where MLflow tracks it."""

    folder: RunFolder
    plan: Plan
    workload: Workload
    data: JobData
    options: JobOptions
    uri: str
    experiment_id: str
    is_resumed: bool
    nothing_to_run: bool  # every trial of a table had finished: then no Ray is started
    num_reused: int  # trials that another run had finished


Watch = Callable[[RunFolder, Plan, bool], AbstractContextManager[None]]
Conclude = Callable[[Path, Plan, list[TrialRecord]], Summary]


def run_job(
    plan: Plan, options: JobOptions, *, watch: Watch, conclude: Conclude, data: JobData | None = None
) -> Outcome:
    """Runs a plan, or resumes its unfinished run.

    Args:
        watch: shows progress while it lasts; given folder, plan, and whether the run is resumed.
        conclude: writes the results into a folder and returns their summary.
        data: of the plan, if they are loaded already.

    Raises:
        UserError: for anything the user can fix, before training starts.
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
    folder, is_resumed = create_run(options.output_dir, plan, fresh=options.fresh, extra=extra)
    try:
        with _held(folder):
            run = _prepare(folder, plan, workload, data, options, is_resumed=is_resumed)
            return _run(run, watch=watch, conclude=conclude)
    except UserError:
        if not is_resumed and not has_begun(folder):
            shutil.rmtree(folder.path, ignore_errors=True)  # a later resume would pick what never started
        raise


def resume_job(folder: RunFolder, options: JobOptions, *, watch: Watch, conclude: Conclude) -> Outcome:
    """Resumes a run by its own plan.

    Raises:
        UserError: if the plan or the data are no longer those that the run started with.
    """
    plan = load_plan(folder)
    extra = stored_extra(folder)
    data_dir = options.data_dir or (Path(extra["data_dir"]) if extra["data_dir"] else None)
    options = dataclasses.replace(options, data_dir=data_dir)
    workload = find_workload(plan.system)
    data = load_job_data(workload, plan, data_dir, download=False)
    with _held(folder):
        run = _prepare(folder, plan, workload, data, options, is_resumed=True)
        return _run(run, watch=watch, conclude=conclude)


def has_begun(folder: RunFolder) -> bool:
    """Returns whether a trial of a run has started."""
    return next(iter(read_events(folder.journal)), None) is not None


@contextmanager
def _held(folder: RunFolder) -> Iterator[None]:
    """Keeps other processes away from the run, and Ray's messages in its folder."""
    with run_lock(folder.path), messages_to(folder.path):
        check_home(folder)
        yield


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


def _prepare(
    folder: RunFolder, plan: Plan, workload: Workload, data: JobData, options: JobOptions, *, is_resumed: bool
) -> TrackedRun:
    """Opens the run's MLflow experiment, and takes over what other runs have finished of a table.

    Raises:
        UserError: if the data have changed since the run started, or the store does not answer.
    """
    then = stored_extra(folder)["data_digest"]
    if then != data.digest:
        raise UserError(
            f"{data.names or 'the data'} has changed since {folder.name} started (digest {data.digest}, then"
            f" {then}); start a new run"
        )
    system = find_system(plan.system)
    uri = tracking_uri(options.output_dir)
    experiment_id = open_experiment(
        uri, name=system.name, output_dir=options.output_dir, tags={"mlflow.note.content": system.title}
    )
    num_reused = 0
    if isinstance(plan, TablePlan) and not options.fresh:
        num_reused = reuse_finished(folder, plan, workload, data)
    return TrackedRun(
        folder=folder,
        plan=plan,
        workload=workload,
        data=data,
        options=options,
        uri=uri,
        experiment_id=experiment_id,
        is_resumed=is_resumed,
        nothing_to_run=isinstance(plan, TablePlan) and all_ended(folder, plan),
        num_reused=num_reused,
    )


def _run(run: TrackedRun, *, watch: Watch, conclude: Conclude) -> Outcome:
    plan = run.plan
    with ExitStack() as stack:
        if not run.nothing_to_run:
            is_nested = not isinstance(plan, TrainPlan) and plan.resources.workers > 1
            stack.enter_context(ray_session(dashboard=is_nested))
            # A run that never fits is refused before MLflow has it.
            max_concurrent_trials(resolve_gpu_fraction(plan.resources))
        session = stack.enter_context(_track(run))
        with watch(run.folder, plan, run.is_resumed):
            was_interrupted = False if run.nothing_to_run else _execute(run)
        outcome = _conclude(run, session, conclude, was_interrupted=was_interrupted)
    all_sent = session.sender.pending_bytes() == 0 and not outcome.unsent  # known once the sender has ended
    return dataclasses.replace(outcome, all_sent=all_sent)


def _track(run: TrackedRun) -> AbstractContextManager[Session]:
    plan, workload, data = run.plan, run.workload, run.data
    used = data.used[data_key(workload, plan.config)]
    return tracked(
        uri=run.uri,
        experiment_id=run.experiment_id,
        journal=run.folder.journal,
        name=run.folder.name,
        has_trials=not isinstance(plan, TrainPlan),
        params=params_of(plan),
        tags=tags_of(plan, data),
        description=note_of(plan),
        first_metric=find_system(plan.system).selection_metric,
        dataset={"name": used.name, "version": used.version, "digest": used.digest},
        level="table" if isinstance(plan, TablePlan) else None,
        of_trials=labels_of_trials(plan, workload, data) if isinstance(plan, TablePlan) else {},
    )


def _execute(run: TrackedRun) -> bool:
    """Runs the trials on Ray; returns whether they were interrupted."""
    from thesis.execution.training.sweep import run_sweep
    from thesis.execution.training.train import run_training

    options = run.options
    data_dir = str(options.data_dir.resolve()) if options.data_dir else None
    if isinstance(run.plan, TrainPlan):
        return run_training(run.folder, run.plan, data_dir=data_dir)
    return run_sweep(run.folder, run.plan, run.data, data_dir=data_dir, concurrency=options.concurrency)


def _conclude(run: TrackedRun, session: Session, conclude: Conclude, *, was_interrupted: bool) -> Outcome:
    """Writes results, registers the best model, and ends the run in MLflow."""
    folder, plan, workload = run.folder, run.plan, run.workload
    records = read_records(read_events(folder.journal))
    if isinstance(plan, TablePlan):
        keep_finished(folder, plan, workload, run.data, records)
    summary, model_uri, unsent = Summary(), None, ""
    if not was_interrupted:
        summary = conclude(folder.results, plan, records)
        wait_until_reachable(run.uri, run=folder.name)
        chosen = load_chosen_model(folder, plan, workload, run.data.first, summary.best_trial)
        if chosen is not None:
            log_model_tables(session, folder, workload, chosen)
            try:
                model_uri = register_model(session, system_name(plan), workload, chosen)
            except UserError as error:
                unsent = str(error)  # every trial has run all the same
        folder.mark_complete()
    session.sender.close()
    link_comparison(session, note_of(plan), run=folder.name, view=view_of(plan))
    if folder.results.exists():
        log_files(session, folder.results)
    has_finished = any(record.status == "finished" for record in records)
    status = "KILLED" if was_interrupted else "FINISHED" if has_finished else "FAILED"
    end_run(session, status, metrics=summary.metrics, tags=summary.tags)
    return Outcome(
        folder=folder,
        plan=plan,
        records=records,
        was_interrupted=was_interrupted,
        experiment_id=run.experiment_id,
        run_id=session.run_id,
        uri=run.uri,
        all_sent=False,
        unsent=unsent,
        model_uri=model_uri,
        summary=summary,
        data=data_by_trial(plan, workload, run.data) if isinstance(plan, TablePlan) else {},
        num_reused=run.num_reused,
    )
