"""Ray Tune's events written into the run's journal."""

from pathlib import Path
from typing import Any

from ray import tune

from thesis.execution.cluster.ray_private import error_of_trial
from thesis.execution.training.trial import FAILED
from thesis.tracking.journal import Journal

_OWN_KEYS = ("epoch", "learning_rate")
_PATH: Path | None = None  # of the journal of the run that this process drives


def write_to(path: Path) -> None:
    """Names the journal that the callbacks of this process write."""
    global _PATH
    _PATH = path.resolve()


class TuneJournal(tune.Callback):
    """Writes one journal event for each thing that happens to a trial.

    Tune pickles its callbacks into the state that it resumes from. The journal's path stays out of it, so that a run
    whose folder was copied or moved writes into its own; `write_to` names it in each process that drives a run.
    """

    def __init__(self, searched: tuple[str, ...], baseline_ignores: tuple[str, ...]) -> None:
        self._searched = searched
        self._of_baseline = tuple(key for key in searched if key not in baseline_ignores)
        self._journal: Journal | None = None
        self._failed: dict[str, str] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_journal": None, "_failed": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # States from before paths were left out still name one, perhaps of the folder that this one was copied from.
        self.__dict__.update({key: value for key, value in state.items() if key != "_path"})

    @property
    def journal(self) -> Journal:
        """The journal, opened when it is first needed."""
        if self._journal is None:
            if _PATH is None:
                raise RuntimeError("write_to must name the journal before a trial runs")
            self._journal = Journal(_PATH)
        return self._journal

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial starts, continues after a pause, or is tried again."""
        chosen = trial.config["trial"]
        if self.journal.has_ended(chosen["key"]):
            return
        self.journal.start(
            chosen["key"],
            name=display_name(chosen, self._of_baseline if chosen["is_baseline"] else self._searched),
            config=chosen["config"],
            is_baseline=chosen["is_baseline"],
            control=chosen.get("control", ""),
        )

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        """A trial reports an epoch, or the reason why it can't continue."""
        key = trial.config["trial"]["key"]
        if FAILED in result:
            self._failed[key] = result[FAILED]
        elif "epoch" in result:
            self.journal.epoch(key, workload_metrics(result))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial has ended: after its last epoch, stopped by the scheduler, or failed for a stated reason."""
        chosen = trial.config["trial"]
        key = chosen["key"]
        if self.journal.has_ended(key):
            return
        if key in self._failed:
            self.journal.end(key, status="failed", error=self._failed[key])
        else:
            ended = self.journal.last_epoch(key) >= chosen["config"]["epochs"]
            self.journal.end(key, status="finished" if ended else "stopped")

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial's process has died and the trial will be tried again."""
        self.journal.retry(trial.config["trial"]["key"], error=_reason(trial))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial has failed more often than it may be tried again."""
        self.journal.end(trial.config["trial"]["key"], status="failed", error=_reason(trial), is_final=False)


def workload_metrics(result: dict[str, Any]) -> dict[str, float]:
    """Returns the metrics that the workload reported, without those that Ray adds."""
    return {
        key: float(value)
        for key, value in result.items()
        if (key in _OWN_KEYS or "/" in key) and isinstance(value, int | float)
    }


def display_name(chosen: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Returns the displayed name: its own, or these settings and the seed, and whether it is a baseline."""
    if chosen.get("name"):
        return str(chosen["name"])
    config = chosen["config"]
    if chosen.get("control"):
        return f"control {chosen['control']} seed={config['seed']}"
    words = ["baseline"] if chosen["is_baseline"] else []
    return " ".join([*words, *(f"{key}={_short(config[key])}" for key in keys), f"seed={config['seed']}"])


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _reason(trial: Any) -> str:
    error = error_of_trial(trial)
    if error is None or type(error).__name__ == "ActorDiedError":
        return "its process died"
    cause = getattr(error, "cause", None) or error
    lines = [line for line in str(cause).strip().splitlines() if line.strip()]
    return f"{type(cause).__name__}: {lines[-1].strip() if lines else ''}"
