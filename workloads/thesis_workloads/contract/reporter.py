"""The seam between a workload and whatever runs it.

A workload calls `report` once per epoch on every rank and asks `resume` once, before its first
epoch. It never learns whether Ray, a test or a plain loop is listening.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

State = dict[str, Any]
"""Tensors and plain values, nested in dicts and lists: loadable with ``weights_only=True``."""


class Reporter(Protocol):
    """Where a workload sends its metrics and states, and where it finds the state to resume from."""

    def report(self, metrics: Mapping[str, float], *, state: Callable[[], State] | None = None) -> None:
        """Takes the metrics of one epoch (the key ``epoch`` counts finished epochs, from 1).

        ``state`` builds the complete state after that epoch; it is a function so that a listener
        that does not save this time costs nothing. It is called before `report` returns, or not at all.
        """

    def resume(self) -> State | None:
        """Returns the state to resume from, on the CPU, or None for a fresh start."""


class MemoryReporter:
    """Keeps every row of metrics, and the last state where asked to."""

    def __init__(self, *, start: State | None = None, keep_state: bool = True) -> None:
        self.rows: list[dict[str, float]] = []
        self.state: State | None = None
        self._start = start
        self._keep_state = keep_state

    def report(self, metrics: Mapping[str, float], *, state: Callable[[], State] | None = None) -> None:
        """Appends the metrics to ``rows`` and replaces ``state``."""
        self.rows.append(dict(metrics))
        if self._keep_state and state is not None:
            self.state = state()

    def resume(self) -> State | None:
        """Returns the state that it was made with."""
        return self._start
