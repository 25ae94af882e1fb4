"""Ray Train's reports written into the run's journal, from the train controller's process."""

from pathlib import Path
from typing import Any

from ray.train import UserCallback

from thesis.execution.training.trial import FAILED
from thesis.execution.training.tune_callback import workload_metrics
from thesis.tracking.journal import Journal


class TrainJournal(UserCallback):
    """Writes the first worker's report of each epoch; the other workers report the same numbers."""

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key
        self._journal: Journal | None = None

    def after_report(self, run_context: Any, metrics: list[dict[str, Any]], checkpoint: Any) -> None:
        """Every worker has reported an epoch."""
        if self._journal is None:
            self._journal = Journal(self._path)
        if FAILED in metrics[0]:
            self._journal.end(self._key, status="failed", error=metrics[0][FAILED])
        else:
            self._journal.epoch(self._key, workload_metrics(metrics[0]))
