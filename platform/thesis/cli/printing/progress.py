"""Progress of a run, read from its journal: a live line on a terminal, a line per trial elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from thesis.execution.storage.run_folder import RunFolder
from thesis.experiments.plan import Plan, num_epochs, num_trials
from thesis.tracking.journal import Event, read_events_with_offsets
from thesis_workloads.registry import find_system

_POLL_S = 0.25


@dataclass
class _Seen:
    """What the journal has reported so far."""

    metric: str
    mode: str
    epochs: int  # of a trial; of a table the mean
    num_trials: int
    names: dict[str, str] = field(default_factory=dict)
    epoch_of: dict[str, int] = field(default_factory=dict)
    last_value: dict[str, float] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    best: tuple[float, str] | None = None

    def take(self, event: Event) -> None:
        trial = event["trial"]
        if event["event"] == "start":
            self.names[trial] = event["name"]
            self.status[trial] = "running"
        elif event["event"] == "epoch":
            self.epoch_of[trial] = int(event["metrics"]["epoch"])
            self.last_value[trial] = event["metrics"].get(self.metric, float("nan"))
        elif event["event"] == "end":
            self.status[trial] = event["status"]
            self._weigh(trial)

    def _weigh(self, trial: str) -> None:
        value = self.last_value.get(trial)
        if self.status[trial] != "finished" or value is None:
            return
        is_better = self.best is None or (
            value > self.best[0] if self.mode == "max" else value < self.best[0]
        )
        if is_better:
            self.best = (value, self.names[trial])

    @property
    def num_ended(self) -> int:
        return sum(status not in ("running", "killed") for status in self.status.values())

    @property
    def num_failed(self) -> int:
        return sum(status == "failed" for status in self.status.values())

    @property
    def epochs_done(self) -> int:
        ended_early = (t for t, status in self.status.items() if status in ("failed", "stopped"))
        skipped = sum(self.epochs - self.epoch_of.get(trial, 0) for trial in ended_early)
        return sum(self.epoch_of.values()) + skipped

    @property
    def epochs_planned(self) -> int:
        return self.epochs * max(self.num_trials, len(self.status))

    def words(self, left_s: float | None) -> str:
        parts = (
            [f"{self.num_ended}/{max(self.num_trials, len(self.status))} trials"]
            if self.num_trials > 1
            else []
        )
        running = [trial for trial, status in self.status.items() if status == "running"]
        if self.num_trials == 1 and running:
            parts.append(f"epoch {self.epoch_of.get(running[0], 0)}/{self.epochs}")
            parts.append(f"{self.metric} {self.last_value.get(running[0], float('nan')):.3f}")
        elif running:
            parts.append(f"{len(running)} running")
        if self.num_failed:
            parts.append(f"{self.num_failed} failed")
        if self.best and self.num_trials > 1:
            parts.append(f"best {self.metric} {self.best[0]:.3f} ({self.best[1]})")
        if left_s is not None:
            parts.append(f"ETA {int(left_s // 60)}:{int(left_s % 60):02d}")
        return " · ".join(parts)


def make_watch(
    *, quiet: bool, console: Console
) -> Callable[[RunFolder, Plan, bool], AbstractContextManager[None]]:
    """Returns the function that shows a run's progress while a ``with`` block lasts."""

    @contextmanager
    def watch(folder: RunFolder, plan: Plan, goes_on: bool) -> Iterator[None]:
        system = find_system(plan.system)
        total = num_trials(plan)
        epochs = max(1, round(num_epochs(plan) / total))
        seen = _Seen(metric=system.selection_metric, mode=system.mode, epochs=epochs, num_trials=total)
        offset = _read_new(folder, seen, 0, lambda line: None)
        if goes_on:
            console.print(f"Going on with {folder.name}: {seen.num_ended} of {total} trials are done.")
        if quiet:
            yield
            return
        stop = threading.Event()
        show = _live if sys.stdout.isatty() else _plain
        thread = threading.Thread(target=show, args=(folder, seen, offset, stop, console), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=5)

    return watch


def _read_new(folder: RunFolder, seen: _Seen, offset: int, say: Callable[[str], None]) -> int:
    for event, behind in read_events_with_offsets(folder.journal, offset):
        seen.take(event)
        offset = behind
        if event["event"] == "end" and event["status"] != "killed":
            say(_ended_line(seen, event))
        elif event["event"] == "retry":
            say(
                f"{seen.names.get(event['trial'], event['trial'])}: {event['error']}, resumes from its checkpoint"
            )
    return offset


def _ended_line(seen: _Seen, event: Event) -> str:
    trial = event["trial"]
    count = f"[{seen.num_ended}/{max(seen.num_trials, len(seen.status))}]"
    head = f"{count} {seen.names.get(trial, trial)}: {event['status']}"
    if event["status"] == "failed":
        return f"{head} ({event['error']})"
    return f"{head}, {seen.metric} {seen.last_value.get(trial, float('nan')):.4f}, epoch {seen.epoch_of.get(trial, 0)}"


def _live(folder: RunFolder, seen: _Seen, offset: int, stop: threading.Event, console: Console) -> None:
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    started, done_before = time.monotonic(), seen.epochs_done
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting Ray", total=seen.epochs_planned, completed=done_before)
        while True:
            is_last = stop.is_set()
            offset = _read_new(folder, seen, offset, lambda line: _say_failures(console, line))
            left_s = _left_s(seen, started, done_before)
            words = seen.words(left_s) or "starting"
            bar.update(task, total=seen.epochs_planned, completed=seen.epochs_done, description=words)
            if is_last:
                return
            stop.wait(_POLL_S)


def _say_failures(console: Console, line: str) -> None:
    if ": failed" in line or "resumes from" in line:
        console.print(line, highlight=False, markup=False)


def _plain(folder: RunFolder, seen: _Seen, offset: int, stop: threading.Event, console: Console) -> None:
    while True:
        is_last = stop.is_set()
        offset = _read_new(folder, seen, offset, lambda line: print(line, flush=True))
        if is_last:
            return
        stop.wait(_POLL_S)


def _left_s(seen: _Seen, started: float, done_before: int) -> float | None:
    done = seen.epochs_done - done_before
    if done <= 0:
        return None
    return (time.monotonic() - started) / done * (seen.epochs_planned - seen.epochs_done)
