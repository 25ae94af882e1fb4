"""A sweep on Ray Tune: started or resumed, and its end noted in the journal."""

from typing import Any

from thesis.errors import first_line
from thesis.execution.cluster.ray_private import stop_forwarding
from thesis.execution.cluster.resources import max_concurrent_trials, resolve_gpu_fraction
from thesis.execution.cluster.shared_data import SharedData, to_object_store
from thesis.execution.cluster.signals import sigterm_as_sigint
from thesis.execution.storage.checkpoints import checkpoint_root, ray_storage
from thesis.execution.storage.filesystems import join_location
from thesis.execution.storage.run_folder import RunFolder
from thesis.execution.training.job_data import JobData
from thesis.execution.training.trial import TrialContext, make_trainable, shared_data_key, trial_resources
from thesis.execution.training.workloads import find_workload
from thesis.experiments.plan import TrialsPlan, num_trials
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system

_MAX_FAILURES = 3
_CHECKPOINT_EVERY_S = 5.0
_STATE = "tune"  # the folder of Tune's own state, next to that of Ray Train
_AWS_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")


def run_sweep(
    folder: RunFolder, plan: TrialsPlan, data: JobData, *, data_dir: str | None, concurrency: int | None
) -> bool:
    """Runs the trials that have not ended by the journal; returns whether they were interrupted.

    Needs a connected Ray. A trial whose process dies is tried again from its checkpoint; one that
    diverges fails alone. After Ctrl-C or SIGTERM the running trials are noted as killed.

    Raises:
        UserError: if not even one trial fits on the connected Ray.
    """
    from ray import tune

    from thesis.execution.training.tune_callback import write_to

    resources = resolve_gpu_fraction(plan.resources)
    fit = max_concurrent_trials(resources)
    root = checkpoint_root(folder)
    journal = Journal(folder.journal)
    finished = journal.ended()
    journal.close()
    context = TrialContext(
        system=plan.system,
        data_dir=data_dir,
        resources=resources,
        checkpoint_every_s=0.0 if plan.scheduler == "pbt" else _CHECKPOINT_EVERY_S,
        storage=join_location(root, "train"),
        finished=finished,
    )
    trainable = tune.with_resources(
        make_trainable(context, _shared(plan, data, data_dir)), trial_resources(resources)
    )
    stop_forwarding_aws_credentials()
    write_to(folder.journal)
    tuner = _make_tuner(folder, root, plan, trainable, _concurrent_trials(plan, fit, concurrency), finished)
    with sigterm_as_sigint() as signals:
        tuner.fit()
    is_incomplete = _note_ending(folder, plan)
    if is_incomplete and not signals.was_asked_to_end():
        raise UserError(
            f"Ray Tune ended before all trials had, and nobody interrupted it; Ray's logs say more, and thesis resume"
            f" {folder.name} resumes it"
        )
    return is_incomplete


def stop_forwarding_aws_credentials() -> None:
    """Keeps the keys of an object store out of what Tune sends to the cluster with a trial.

    Tune would copy them from the driver into each trial's runtime environment, which Ray logs and shows. Each
    machine has its own.
    """
    stop_forwarding(_AWS_CREDENTIALS)


def _shared(plan: TrialsPlan, data: JobData, data_dir: str | None) -> SharedData | None:
    workload = find_workload(plan.system)
    if plan.resources.workers > 1 or plan.scheduler == "pbt" or not workload.shares_data:
        return None
    return to_object_store(shared_data_key(workload, plan.config, data_dir), data.first)


def _concurrent_trials(plan: TrialsPlan, fit: int, limit: int | None) -> int | None:
    """Returns how many trials may run at once; None leaves it to Ray, which starts what fits, now or later."""
    # A trial of several workers holds nothing itself, so nothing would make it wait. A searcher that learns
    # would propose as many points as may wait before it has learned from one. A population takes turns.
    if plan.resources.workers > 1 or plan.search == "optuna" or plan.scheduler == "pbt":
        return min(fit, limit) if limit else fit
    return limit


def _make_tuner(
    folder: RunFolder,
    root: str,
    plan: TrialsPlan,
    trainable: Any,
    max_concurrent: int | None,
    finished: frozenset[str],
) -> Any:
    from ray import tune

    from thesis.execution.training.search import make_scheduler, make_searcher, param_space
    from thesis.execution.training.tune_callback import TuneJournal

    storage = ray_storage(root)
    state, filesystem = join_location(storage["storage_path"], _STATE), storage.get("storage_filesystem")
    if tune.Tuner.can_restore(state, storage_filesystem=filesystem):
        try:
            return tune.Tuner.restore(
                state,
                storage_filesystem=filesystem,
                trainable=trainable,
                resume_unfinished=True,
                resume_errored=True,
            )
        except (AttributeError, ImportError) as error:
            # Tune pickles scheduler and searcher by the names of their classes.
            raise UserError(
                f"{folder.name} was started by another version, whose search can't be read ({first_line(error)});"
                " start it again with --fresh"
            ) from error
    system = find_system(plan.system)
    searcher = make_searcher(plan)
    return tune.Tuner(
        trainable,
        param_space=param_space(plan, finished=finished),
        tune_config=tune.TuneConfig(
            metric=system.selection_metric,
            mode=system.mode,
            search_alg=searcher,
            scheduler=make_scheduler(plan),
            # A searcher ends by itself; it may run a baseline for each point.
            num_samples=2 * num_trials(plan) if searcher else 1,
            max_concurrent_trials=max_concurrent,
            reuse_actors=True,
            trial_dirname_creator=_trial_name,
            trial_name_creator=_trial_name,
        ),
        run_config=tune.RunConfig(
            name=_STATE,
            **storage,
            verbose=0,
            callbacks=[TuneJournal(tuple(plan.space), system.baseline_ignores)],
            failure_config=tune.FailureConfig(max_failures=_MAX_FAILURES),
            checkpoint_config=tune.CheckpointConfig(num_to_keep=1 if plan.scheduler != "pbt" else None),
        ),
    )


def _trial_name(trial: Any) -> str:
    key: str = trial.config["trial"]["key"]
    return key


def _note_ending(folder: RunFolder, plan: TrialsPlan) -> bool:
    journal = Journal(folder.journal)
    unended = journal.unended()
    for trial in unended:
        journal.end(trial, status="killed", is_final=False)
    num_started, num_ended = journal.counts()
    journal.close()
    # Optuna may propose a point twice, which is run once: then fewer trials than planned is no interruption.
    missing = num_trials(plan) - num_ended if plan.search != "optuna" else num_started - num_ended
    return missing > 0
