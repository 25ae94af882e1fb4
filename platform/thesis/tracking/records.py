"""The journal read back as one record per trial: the rows that reports are made of."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from thesis.tracking.journal import Event


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One trial: its configuration, how it ended and its metrics per epoch."""

    trial_id: str
    config: dict[str, Any]
    is_baseline: bool
    status: str  # running | finished | stopped | failed | killed
    error: str | None = None
    history: list[dict[str, float]] = field(default_factory=list)  # one row per epoch, in order
    control: str = ""  # name of the control that it is a run of
    wall_s: float = 0.0  # time between its first start and its last event, pauses not counted

    @property
    def is_candidate(self) -> bool:
        """Returns whether it is a run of the method itself, neither baseline nor control."""
        return not self.is_baseline and not self.control


def read_records(events: Iterable[Event]) -> list[TrialRecord]:
    """Returns a record per trial, in the order in which they first started."""
    by_trial: dict[str, list[Event]] = {}
    for event in events:
        by_trial.setdefault(event["trial"], []).append(event)
    return [_record(trial, trial_events) for trial, trial_events in by_trial.items()]


def _record(trial: str, events: list[Event]) -> TrialRecord:
    starts = [event for event in events if event["event"] == "start"]
    epochs = sorted(
        (event["metrics"] for event in events if event["event"] == "epoch"), key=lambda row: row["epoch"]
    )
    last = events[-1]
    has_ended = last["event"] == "end"
    return TrialRecord(
        trial_id=trial,
        config=starts[-1]["config"] if starts else {},
        is_baseline=bool(starts and starts[-1]["is_baseline"]),
        control=starts[-1].get("control", "") if starts else "",
        status=last["status"] if has_ended else "running",
        error=last["error"] if has_ended else None,
        history=epochs,
        wall_s=_wall_s(events),
    )


def _wall_s(events: list[Event]) -> float:
    pairs = itertools.pairwise(events)
    spans_ms = [after["time_ms"] - before["time_ms"] for before, after in pairs if after["event"] != "start"]
    return float(sum(spans_ms)) / 1000
