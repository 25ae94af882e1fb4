"""A sweep on Ray Tune: starts it or goes on with it, and says how it ended."""

from typing import Any

from thesis.execution.connect import max_concurrent
from thesis.execution.run_folder import RunFolder
from thesis.execution.signals import sigterm_as_sigint
from thesis.execution.trial import TrialSettings, make_trainable, trial_resources
from thesis.experiments.catalog import find_system
from thesis.experiments.plan import TrialsPlan, num_trials
from thesis.tracking.journal import Journal

_MAX_FAILURES = 3
_CHECKPOINT_EVERY_S = 5.0


def run_sweep(folder: RunFolder, plan: TrialsPlan, *, data_dir: str | None, concurrency: int | None) -> bool:
    """Runs what the journal does not have as ended yet; returns whether it was interrupted.

    Needs a connected Ray. A trial whose process dies is tried again from its checkpoint; one that
    diverges fails alone. After Ctrl-C or SIGTERM the running trials are noted as killed.

    Raises:
        UserError: if not even one trial fits on the connected Ray.
    """
    from ray import tune

    at_once = max_concurrent(plan.resources, limit=concurrency)
    journal = Journal(folder.journal)
    finished = journal.ended()
    journal.close()
    settings = TrialSettings(
        system=plan.system,
        data_dir=data_dir,
        resources=plan.resources,
        checkpoint_every_s=0.0 if plan.scheduler == "pbt" else _CHECKPOINT_EVERY_S,
        storage=str(folder.ray / "train"),
        finished=finished,
    )
    trainable = tune.with_resources(make_trainable(settings), trial_resources(plan.resources))
    tuner = _make_tuner(folder, plan, trainable, at_once, finished)
    with sigterm_as_sigint():
        tuner.fit()
    return _note_ending(folder, plan)


def _make_tuner(
    folder: RunFolder, plan: TrialsPlan, trainable: Any, at_once: int, finished: frozenset[str]
) -> Any:
    from ray import tune

    from thesis.execution.search import make_scheduler, make_searcher, param_space
    from thesis.execution.tune_journal import TuneJournal

    state = folder.ray / "tune"
    if tune.Tuner.can_restore(str(state)):
        return tune.Tuner.restore(
            str(state), trainable=trainable, resume_unfinished=True, resume_errored=True
        )
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
            max_concurrent_trials=at_once,
            reuse_actors=True,
            trial_dirname_creator=_trial_name,
            trial_name_creator=_trial_name,
        ),
        run_config=tune.RunConfig(
            name=state.name,
            storage_path=str(folder.ray.resolve()),
            verbose=0,
            callbacks=[TuneJournal(folder.journal.resolve(), tuple(plan.space), system.baseline_ignores)],
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
