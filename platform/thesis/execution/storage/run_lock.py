"""One process at a time works on a run: a lock file in its folder that says which process holds it.

The operating system holds the lock (``flock``) and releases it when the process dies, however it dies, so that a
stale file stops nobody. Its content is for users, and for file systems that don't share locks between machines.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thesis_workloads.contract.errors import UserError

FILE = "lock"
_FRESH_S = 120.0  # since a run's journal grew: then a lock of another machine is taken for one that is held


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Holds the run of a folder for the time of a ``with`` block.

    Raises:
        UserError: naming process and machine, if another holds it.
    """
    with (folder / FILE).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(_held_by(folder, _owner(folder))) from None
        except OSError:
            pass  # a file system without locks: the content of the file has to do
        owner = _owner(folder)
        if _is_of_another_machine(owner) and _is_active(folder):
            raise UserError(_held_by(folder, owner))
        _write(
            file.fileno(), {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%F %T")}
        )
        try:
            yield
        finally:
            os.ftruncate(file.fileno(), 0)


def _write(handle: int, owner: dict[str, object]) -> None:
    os.ftruncate(handle, 0)
    os.write(handle, json.dumps(owner).encode() + b"\n")


def _owner(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_of_another_machine(owner: dict[str, object]) -> bool:
    return bool(owner) and owner.get("host") != socket.gethostname()


def _is_active(folder: Path) -> bool:
    journal = folder / "journal.jsonl"
    changed = [path.stat().st_mtime for path in (journal, folder / FILE) if path.exists()]
    return time.time() - max(changed, default=0.0) < _FRESH_S


def _held_by(folder: Path, owner: dict[str, object]) -> str:
    who = "another process"
    if owner:
        who = f"process {owner.get('pid')} on {owner.get('host')} since {owner.get('since')}"
    return f"{folder.name} is being run by {who}; wait for it, or stop it, then run the same command again"
