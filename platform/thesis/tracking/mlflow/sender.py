"""Carries the journal into MLflow from a thread of its own: in order, in batches, and again until it arrives."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from thesis.errors import first_line
from thesis.files import write_atomic
from thesis.tracking.journal import Event, read_events_with_offsets
from thesis.tracking.mlflow.runs import find_or_create_run, log_dataset, log_params

if TYPE_CHECKING:
    from mlflow import MlflowClient

_STATUS = {"finished": "FINISHED", "stopped": "FINISHED", "failed": "FAILED", "killed": "KILLED"}
_INTERVAL_S = 5.0  # a request costs as much as a hundred points, so that many are sent at once
_MAX_PAUSE_S = 30.0
_MAX_METRICS = 1000  # of one request


@dataclass(frozen=True, kw_only=True)
class TrialLabels:
    """The dataset and tags of one trial in MLflow."""

    dataset: Mapping[str, str]  # name, version, digest
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Destination:
    """The MLflow runs that a journal belongs to."""

    uri: str
    experiment_id: str
    key: str  # of the parent, or of the one run of a training; the trials' keys hang below it
    name: str  # of the one run of a training
    run_id: str = ""  # of the top run: tells one store from another
    parent_run_id: str | None  # None: the journal's trial is itself the top run
    tags: Mapping[str, str]  # of every run
    dataset: Mapping[str, str]  # name, version, digest
    first_metric: str = ""  # logged before the others: MLflow's page that compares runs shows it first
    of_trials: Mapping[str, TrialLabels] = field(default_factory=dict)  # by key: in place of the common ones


class JournalSender:
    """Sends what the journal gains until it is closed; an unreachable server only delays it.

    The offset of what has arrived is kept next to the journal. Events that are sent twice, because a
    process died between sending and noting it, carry the same times and leave no trace in MLflow.
    """

    def __init__(self, journal: Path, destination: Destination) -> None:
        self.last_error: str | None = None
        self._journal = journal
        self._destination = destination
        self._offset_path = journal.with_suffix(".sent")
        self._run_ids: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mlflow-sender", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, *, timeout_s: float = 60.0) -> bool:
        """Sends the rest; returns whether all of it arrived within the time."""
        self._stop.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and self.pending_bytes() == 0

    def pending_bytes(self) -> int:
        """Returns how much of the journal has not arrived yet."""
        size = self._journal.stat().st_size if self._journal.exists() else 0
        return size - self._read_offset()

    def _work(self) -> None:
        import mlflow
        from mlflow.exceptions import MlflowException

        client = mlflow.MlflowClient(self._destination.uri)
        pause_s = _INTERVAL_S
        deadline: float | None = None
        while True:
            stopping = self._stop.is_set()
            try:
                self._send_new(client)
                self.last_error, pause_s = None, _INTERVAL_S
                if stopping:
                    return
            except (MlflowException, OSError) as error:
                self.last_error = first_line(error)
                pause_s = min(2 * pause_s, _MAX_PAUSE_S)
            if stopping:
                deadline = deadline or time.monotonic() + _MAX_PAUSE_S
                if time.monotonic() > deadline:
                    return
                time.sleep(_INTERVAL_S)
            else:
                self._stop.wait(pause_s)

    def _send_new(self, client: "MlflowClient") -> None:
        offset = self._read_offset()
        waiting: list[Event] = []
        for event, behind in read_events_with_offsets(self._journal, offset):
            if event["event"] == "epoch":
                waiting.append(event)
            else:
                self._send_epochs(client, waiting)
                waiting = []
                if event["event"] in ("start", "end"):
                    self._send_start_or_end(client, event)
                self._write_offset(behind)
            offset = behind
        self._send_epochs(client, waiting)
        self._write_offset(offset)

    def _send_epochs(self, client: "MlflowClient", events: list[Event]) -> None:
        from mlflow.entities import Metric

        by_trial: dict[str, list[Metric]] = {}
        for event in events:
            step = int(event["metrics"]["epoch"])
            names = sorted(event["metrics"], key=lambda name: name != self._destination.first_metric)
            by_trial.setdefault(event["trial"], []).extend(
                Metric(name, float(event["metrics"][name]), event["time_ms"], step) for name in names
            )
        for trial, metrics in by_trial.items():
            for first in range(0, len(metrics), _MAX_METRICS):
                client.log_batch(self._find_run(client, trial), metrics=metrics[first : first + _MAX_METRICS])

    def _send_start_or_end(self, client: "MlflowClient", event: Event) -> None:
        run_id = self._find_run(client, event["trial"], start=event if event["event"] == "start" else None)
        if event["event"] == "end":
            from mlflow.entities import RunTag

            tags = [RunTag("thesis.status", event["status"])]
            if event["error"]:
                tags.append(RunTag("thesis.error", event["error"][:5000]))
            client.log_batch(run_id, tags=tags)
            client.set_terminated(run_id, _STATUS[event["status"]], event["time_ms"])

    def _find_run(self, client: "MlflowClient", trial: str, start: Event | None = None) -> str:
        if trial in self._run_ids and start is None:
            return self._run_ids[trial]
        to = self._destination
        key = f"{to.key}/{trial}" if to.parent_run_id else to.key
        name = start["name"] if start and to.parent_run_id else to.name
        run_id = find_or_create_run(
            client,
            experiment_id=to.experiment_id,
            key=key,
            name=name,
            tags=self._tags(start),
            start_ms=start["time_ms"] if start else None,
        )
        if start is not None:
            log_params(client, run_id, start["config"])
            own = to.of_trials.get(trial)
            log_dataset(client, run_id, context="training", **(own.dataset if own else to.dataset))
        self._run_ids[trial] = run_id
        return run_id

    def _tags(self, start: Event | None) -> dict[str, str]:
        tags = dict(self._destination.tags)
        if self._destination.parent_run_id:
            tags |= {"mlflow.parentRunId": self._destination.parent_run_id, "thesis.level": "trial"}
        if start is not None:
            tags |= {
                "thesis.role": _role(start),
                "thesis.seed": str(start["config"].get("seed", "")),
            }
            if start["trial"] in self._destination.of_trials:
                tags |= self._destination.of_trials[start["trial"]].tags
        return tags

    def _read_offset(self) -> int:
        """Returns how much has arrived: nothing where the note is of another store, as in a copied folder, or torn."""
        try:
            offset, _, run_id = self._offset_path.read_text(encoding="utf-8").partition(" ")
            is_of_this = not run_id or run_id == self._destination.run_id
            return min(int(offset), self._journal.stat().st_size) if is_of_this else 0
        except (OSError, ValueError):
            return 0

    def _write_offset(self, offset: int) -> None:
        write_atomic(self._offset_path, f"{offset} {self._destination.run_id}".rstrip())


def _role(start: Event) -> str:
    if start.get("control"):
        return "control"
    return "baseline" if start["is_baseline"] else "candidate"
