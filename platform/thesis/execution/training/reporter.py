"""The workload's reporter on Ray: inside a Tune trial, or on a worker of Ray Train."""

import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

from thesis.execution.storage.checkpoints import load_state, save_state
from thesis_workloads.contract.reporter import State


class RayReporter:
    """Reports each epoch; brings a checkpoint at most every so many seconds, and after the last epoch.

    ``session`` is `ray.tune` or `ray.train`: both have ``report``, ``get_checkpoint`` and ``Checkpoint``.
    On Ray Train every worker reports, and ``saves`` is true on the one that brings the checkpoint.
    """

    def __init__(self, session: Any, *, saves: bool, epochs: int, checkpoint_every_s: float) -> None:
        self._session = session
        self._saves = saves
        self._epochs = epochs
        self._every_s = checkpoint_every_s
        self._last_s = time.monotonic()

    def report(self, metrics: Mapping[str, float], *, state: Callable[[], State] | None = None) -> None:
        """Reports one epoch; on Ray Train it blocks until every worker has."""
        if state is None or not self._saves or not self._is_due(metrics):
            self._session.report(dict(metrics))
            return
        with tempfile.TemporaryDirectory() as folder:
            save_state(state(), folder)
            checkpoint = self._session.Checkpoint.from_directory(folder)
            self._session.report(dict(metrics), checkpoint=checkpoint)
        self._last_s = time.monotonic()

    def resume(self) -> State | None:
        """Returns the newest state that Ray kept of this run, or gave it."""
        checkpoint = self._session.get_checkpoint()
        return None if checkpoint is None else load_state(checkpoint)

    def _is_due(self, metrics: Mapping[str, float]) -> bool:
        return metrics["epoch"] >= self._epochs or time.monotonic() - self._last_s >= self._every_s
