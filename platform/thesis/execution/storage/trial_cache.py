"""Finished trials that any table may use again: one file each, found by configuration, data and code."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.files import write_atomic
from thesis.tracking.journal import Journal
from thesis.tracking.records import TrialRecord
from thesis_workloads.contract.digest import digest

_FOLDER = "trials"


@dataclass(frozen=True, kw_only=True)
class StoredTrial:
    """A finished trial: its metrics per epoch, how long it took and which run it was of."""

    config: Mapping[str, Any]
    history: list[dict[str, float]]
    wall_s: float
    run: str


def trial_digest(system: str, config: Any, *, data: str, code: str) -> str:
    """Returns the name under which a trial is kept; ``data`` and ``code`` are digests."""
    return f"{system}-{digest([dataclasses.asdict(config), data, code], 16)}"


def keep_trial(output_dir: Path, name: str, record: TrialRecord, *, run: str) -> None:
    """Keeps a finished trial; one that is there stays."""
    path = output_dir / _FOLDER / f"{name}.json"
    if path.exists() or record.status != "finished":
        return
    stored = StoredTrial(config=record.config, history=record.history, wall_s=record.wall_s, run=run)
    write_atomic(path, json.dumps(dataclasses.asdict(stored)) + "\n")


def find_trial(output_dir: Path, name: str) -> StoredTrial | None:
    """Returns a kept trial, or None; a file that can't be read counts as none."""
    try:
        return StoredTrial(**json.loads((output_dir / _FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError, TypeError):
        return None


def replay(journal: Journal, key: str, stored: StoredTrial, *, name: str, is_baseline: bool) -> None:
    """Writes a kept trial into another run's journal, as if it had just run in no time."""
    journal.start(key, name=name, config=stored.config, is_baseline=is_baseline)
    for metrics in stored.history:
        journal.epoch(key, metrics)
    journal.end(key, status="finished")
