"""The runs of an output folder: state, progress, cost and images of each."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thesis.experiments.plan import num_trials
from thesis.experiments.stored_plan import plan_from_dict
from thesis.tracking.journal import Event, read_events
from thesis.tracking.records import TrialRecord, read_records
from thesis_workloads.contract.errors import UserError

PICTURES = (".svg", ".png")


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """One run."""

    name: str
    folder: Path
    state: str  # complete | unfinished | failed
    detail: str  # the error or the missing part, and the remedy; empty where there is none
    num_planned: int | None
    statuses: dict[str, int]  # of its trials, or of a table's rows
    core_s: float  # seconds of CPU cores that its trials held
    began: datetime | None
    wall_s: float  # from its first event to its last, pauses included
    pictures: tuple[Path, ...]

    @property
    def num_ended(self) -> int:
        """Returns the number of trials that ended for good."""
        return sum(self.statuses.get(status, 0) for status in ("finished", "stopped", "failed"))


def read_runs(output_dir: Path) -> tuple[RunReport, ...]:
    """Returns the runs below a folder, the latest first; one that can't be read counts as failed."""
    kinds = ("plan.json", "evaluation.json", "journal.jsonl")
    folders = {path.parent for kind in kinds for path in output_dir.glob(f"*/{kind}")}
    runs = [_read(folder) for folder in folders]
    oldest = datetime.fromtimestamp(0, UTC)
    return tuple(sorted(runs, key=lambda run: (run.began or oldest, run.name), reverse=True))


def _read(folder: Path) -> RunReport:
    try:
        events = list(read_events(folder / "journal.jsonl"))
        records = read_records(events)
        planned, cores = _plan(folder)
    except (OSError, ValueError, LookupError, TypeError, UserError) as error:
        return _report(folder, "failed", f"it can't be read: {error}", [], [], None, 0.0)
    state, detail = _state(folder, records, planned)
    return _report(folder, state, detail, events, records, planned, cores)


def _report(
    folder: Path,
    state: str,
    detail: str,
    events: list[Event],
    records: list[TrialRecord],
    planned: int | None,
    cores: float,
) -> RunReport:
    times = [event["time_ms"] / 1000 for event in events]
    return RunReport(
        name=folder.name,
        folder=folder,
        state=state,
        detail=detail,
        num_planned=planned,
        statuses=dict(Counter(record.status for record in records)),
        core_s=cores * sum(record.wall_s for record in records),
        began=datetime.fromtimestamp(times[0], UTC) if times else None,
        wall_s=max(times) - min(times) if times else 0.0,
        pictures=tuple(_distinct(sorted((folder / "results").glob("*")))),
    )


def _plan(folder: Path) -> tuple[int | None, float]:
    """Returns the number of planned trials and of cores that each holds; (None, 0) where there is no plan."""
    path = folder / "plan.json"
    if not path.exists():
        return None, 0.0
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    plan = plan_from_dict(stored["plan"])
    return num_trials(plan), plan.resources.workers * plan.resources.cpus_per_worker


def _state(folder: Path, records: list[TrialRecord], planned: int | None) -> tuple[str, str]:
    failed = [record for record in records if record.status == "failed"]
    errors = "; ".join(f"{record.trial_id}: {record.error}" for record in failed[:3])
    if planned is None:
        # An evaluation or a measurement writes its journal at its end.
        has_journal = (folder / "journal.jsonl").exists()
        return (
            ("complete", errors)
            if has_journal
            else ("unfinished", "it is running, or was stopped before its end")
        )
    if not (folder / "complete").exists():
        return "unfinished", "; ".join(
            filter(None, (f"unless it is running, resume it with: thesis resume {folder.name}", errors))
        )
    if records and len(failed) == len(records):
        return "failed", errors
    return "complete", errors


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """Returns one file of each image that exists as PNG and as SVG."""
    chosen: dict[str, Path] = {}
    for path in paths:
        if path.suffix in PICTURES:
            chosen.setdefault(path.stem, path)
    return list(chosen.values())
