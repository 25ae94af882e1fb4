"""An append-only journal of a run: one JSON line per event, the one source of progress and of results.

The process that drives a run writes it; MLflow, the progress display and the reports only read it. So
logging never waits for a server, and the events of a killed process are still there to resume from.

Events, each with ``event``, ``trial`` (its key) and ``time_ms``:
    start   name (displayed), config, is_baseline, control (the name of one, else absent)
    epoch   metrics (``epoch`` among them)
    retry   error; a start follows
    end     status (finished | stopped | failed | killed), error, is_final (it is never run again)
"""

import errno
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Event = dict[str, Any]
_MOST_EPOCHS = 1e9  # also leaves out what is no number
_FIELDS: dict[str, dict[str, type]] = {
    "start": {"name": str, "config": dict, "is_baseline": bool},
    "epoch": {"metrics": dict},
    "retry": {"error": str},
    "end": {"status": str, "is_final": bool},
}


class Journal:
    """Appends events; drops an epoch that it already has, so a re-run after a crash adds no duplicate."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _drop_torn_line(path)
        self._last_epoch: dict[str, int] = {}
        self._configs: dict[str, dict[str, Any]] = {}
        self._open: set[str] = set()
        self._ended: set[str] = set()
        self._killed: set[str] = set()
        for event in read_events(path):
            self._note(event)
        self._file = path.open("ab", buffering=0)

    def start(
        self, trial: str, *, name: str, config: Mapping[str, Any], is_baseline: bool, control: str = ""
    ) -> None:
        """Records that a trial starts or resumes; it keeps the configuration that it first had."""
        first = self._configs.get(trial, dict(config))
        of_control = {"control": control} if control else {}
        self._append("start", trial, name=name, config=first, is_baseline=is_baseline, **of_control)

    def epoch(self, trial: str, metrics: Mapping[str, float]) -> None:
        """Records the metrics of one epoch unless a later or the same epoch is there already."""
        if int(metrics["epoch"]) > self._last_epoch.get(trial, 0):
            self._append("epoch", trial, metrics=dict(metrics))

    def retry(self, trial: str, *, error: str) -> None:
        """Records that a trial's process died and that the trial will resume from its checkpoint."""
        self._append("retry", trial, error=error)

    def end(self, trial: str, *, status: str, error: str | None = None, is_final: bool = True) -> None:
        """Records how a trial ended."""
        self._append("end", trial, status=status, error=error, is_final=is_final)

    def last_epoch(self, trial: str) -> int:
        """Returns the last epoch recorded for a trial, 0 if there is none."""
        return self._last_epoch.get(trial, 0)

    def ended(self) -> frozenset[str]:
        """Returns the trials that are never run again: killed ones and those whose process died are."""
        return frozenset(self._ended)

    def unended(self) -> list[str]:
        """Returns the trials that started and have no end."""
        return sorted(self._open)

    def counts(self) -> tuple[int, int]:
        """Returns how many trials have started, and how many of them have ended in any way but killed."""
        return len(self._configs), len(self._configs) - len(self._open) - len(self._killed - self._open)

    def has_ended(self, trial: str) -> bool:
        """Returns whether a trial is never run again."""
        return trial in self._ended

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _append(self, kind: str, trial: str, **fields: Any) -> None:
        event = {"event": kind, "trial": trial, "time_ms": int(time.time() * 1000), **fields}
        line = json.dumps(event).encode() + b"\n"
        before = os.fstat(self._file.fileno()).st_size
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        except OSError:
            os.ftruncate(self._file.fileno(), before)  # a full disk takes a part of a line
            raise
        self._note(event)

    def _note(self, event: Event) -> None:
        trial = event["trial"]
        if event["event"] == "epoch":
            self._last_epoch[trial] = max(self._last_epoch.get(trial, 0), int(event["metrics"]["epoch"]))
        elif event["event"] == "start":
            self._configs.setdefault(trial, event["config"])
            self._open.add(trial)
            self._killed.discard(trial)
        elif event["event"] == "end":
            self._open.discard(trial)
            if event["status"] == "killed":
                self._killed.add(trial)
            if event["is_final"]:
                self._ended.add(trial)


def read_events(path: Path, offset: int = 0) -> Iterator[Event]:
    """Yields the events from a byte offset on; a line that is not finished yet is left out."""
    for event, _ in read_events_with_offsets(path, offset):
        yield event


def read_events_with_offsets(path: Path, offset: int = 0) -> Iterator[tuple[Event, int]]:
    """Yields each event with the byte offset behind it."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            event = _parsed(line)
            if event is not None:
                yield event, offset


def _parsed(line: bytes) -> Event | None:
    """Returns a line's event; None for one that a crash of the machine left unreadable, which then counts as lost."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_event = isinstance(event, dict) and isinstance(event.get("trial"), str) and _is_whole(event)
    return event if is_event else None


def _is_whole(event: Event) -> bool:
    fields = _FIELDS.get(str(event.get("event")))
    if fields is None or not isinstance(event.get("time_ms"), int):
        return False
    has_fields = all(isinstance(event.get(name), kind) for name, kind in fields.items())
    return has_fields and (event["event"] != "epoch" or _are_metrics(event["metrics"]))


def _are_metrics(metrics: Mapping[str, Any]) -> bool:
    are_numbers = all(isinstance(value, int | float) for value in metrics.values())
    return are_numbers and abs(metrics.get("epoch", math.nan)) < _MOST_EPOCHS


def _drop_torn_line(path: Path) -> None:
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
