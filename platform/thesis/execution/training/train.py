"""One training run on Ray Train."""

from pathlib import Path
from typing import Any

from thesis.execution.cluster.remote_errors import one_line
from thesis.execution.cluster.resources import max_concurrent_trials, resolve_gpu_fraction
from thesis.execution.cluster.signals import sigterm_as_sigint
from thesis.execution.storage.checkpoints import checkpoint_root
from thesis.execution.storage.run_folder import RunFolder
from thesis.execution.training.trial import TrialContext, make_trainer
from thesis.experiments.plan import PlannedTrial, TrainPlan, num_epochs_of
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError

_MAX_FAILURES = 3
_CHECKPOINT_EVERY_S = 10.0


def run_training(folder: RunFolder, plan: TrainPlan, *, data_dir: str | None) -> bool:
    """Trains until the last epoch, from the run's newest checkpoint; returns whether it was interrupted.

    Needs a connected Ray. Workers that die are started again from the checkpoint.

    Raises:
        UserError: if the workers do not fit on the connected Ray, or died too often.
    """
    import dataclasses

    from ray.exceptions import RayActorError
    from ray.train import TrainingFailedError

    from thesis.execution.training.train_callback import TrainJournal

    resources = resolve_gpu_fraction(plan.resources)
    max_concurrent_trials(resources)
    trial = PlannedTrial(config=plan.config, is_baseline=False)
    config = dataclasses.asdict(plan.config)
    _note(
        folder.journal,
        lambda journal: journal.start(trial.key, name=folder.name, config=config, is_baseline=False),
    )
    context = TrialContext(
        system=plan.system,
        data_dir=data_dir,
        resources=resources,
        checkpoint_every_s=_CHECKPOINT_EVERY_S,
        storage=checkpoint_root(folder),
    )
    callback = TrainJournal(folder.journal.resolve(), trial.key)
    trainer = make_trainer(context, config, name="train", callbacks=[callback], max_failures=_MAX_FAILURES)
    death: BaseException | None = None
    try:
        with sigterm_as_sigint() as signals:
            trainer.fit()
    except TrainingFailedError as error:
        reason = str(error).strip().splitlines()[-1]
        _note(
            folder.journal,
            lambda journal: journal.end(trial.key, status="failed", error=reason, is_final=False),
        )
        raise UserError(
            f"training failed: {reason} (thesis resume {folder.name} resumes from its checkpoint)"
        ) from error
    except KeyboardInterrupt:
        pass
    except (SystemExit, RayActorError) as error:
        # On Ctrl-C Ray Train ends its controller and then leaves by whichever of these comes first.
        death = error
    was_interrupted = _note_ending(folder.journal, trial.key, num_epochs_of(plan.config))
    if was_interrupted and death is not None and not signals.was_asked_to_end():
        raise UserError(
            f"the process that controls the training died: {one_line(death)} (Ray's logs say more; thesis resume"
            f" {folder.name} resumes from its checkpoint)"
        )
    return was_interrupted


def _note_ending(path: Path, key: str, epochs: int) -> bool:
    journal = Journal(path)
    if not journal.has_ended(key):
        if journal.last_epoch(key) >= epochs:
            journal.end(key, status="finished")
        else:
            journal.end(key, status="killed", is_final=False)
    has_ended = journal.has_ended(key)
    journal.close()
    return not has_ended


def _note(path: Path, write: Any) -> None:
    journal = Journal(path)
    write(journal)
    journal.close()
