"""What Ray tells the process that drives it (a worker killed for memory, ...): into the run's log, one line to users.

Ray prints hundreds of lines of such messages among a command's own output, repeated as long as the cause lasts.
"""

import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE = "ray.log"
_SHOWN = 160  # characters of the one line
_lock = threading.Lock()
_log: Path | None = None
_told: set[str] = set()


def divert_messages() -> None:
    """Takes Ray's messages from standard output; call it in each process that connects, before it does."""
    from ray._private import worker

    worker.print_to_stdstream = _take  # the thread that receives them looks it up at each message


def silence_ray_data() -> None:
    """Keeps Ray Data from logging the traceback of an error that the caller turns into one line.

    Ray Data sets levels of its own as it is imported, so this imports it first.
    """
    import ray.data  # noqa: F401

    for name in ("ray.data", "ray.data._internal", "ray.data.exceptions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def messages_to(folder: Path) -> Iterator[None]:
    """Keeps the messages of a ``with`` block in a run's folder."""
    global _log
    previous, _log = _log, folder / FILE
    _told.clear()
    try:
        yield
    finally:
        _log = previous


def _take(data: Mapping[str, Any], ignore_prefix: bool = False) -> None:
    text = "\n".join(str(line) for line in data.get("lines", ())).strip()
    if not text:
        return
    with _lock:
        where = _kept(text)
        first = text.splitlines()[0]
        kind = "".join(letter for letter in first if letter.isalpha() or letter == " ")[:40]
        if kind in _told:
            return
        _told.add(kind)
    print(f"Ray: {first[:_SHOWN]}{where}", file=sys.stderr, flush=True)


def _kept(text: str) -> str:
    """Appends to the log; returns where it is, in words."""
    if _log is None:
        return ""
    try:
        with _log.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n\n")
    except OSError:
        return ""  # a full disk: the one line has to do
    return f" (all of it: {_log})"
