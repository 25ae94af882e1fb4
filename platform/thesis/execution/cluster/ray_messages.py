"""Messages of Ray to the process that drives a run (a worker killed for memory, ...): all in a log, one line shown.

Ray prints hundreds of lines of such messages among a command's own output, repeated as long as the cause lasts.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thesis.execution.cluster.ray_private import redirect_driver_messages

FILE = "ray.log"
_SHOWN = 160  # characters of the one line
_lock = threading.Lock()
_log: Path | None = None
_reported: set[str] = set()


def divert_messages() -> None:
    """Takes Ray's messages from standard output; call it in each process that connects, before it does."""
    redirect_driver_messages(_take)


@contextmanager
def messages_to(folder: Path) -> Iterator[None]:
    """Keeps the messages of a ``with`` block in a run's folder."""
    global _log
    previous, _log = _log, folder / FILE
    _reported.clear()
    try:
        yield
    finally:
        _log = previous


def _take(data: Mapping[str, Any], ignore_prefix: bool = False) -> None:
    text = "\n".join(str(line) for line in data.get("lines", ())).strip()
    if not text:
        return
    with _lock:
        where = _append_to_log(text)
        first = text.splitlines()[0]
        kind = "".join(letter for letter in first if letter.isalpha() or letter == " ")[:40]
        if kind in _reported:
            return
        _reported.add(kind)
    print(f"Ray: {first[:_SHOWN]}{where}", file=sys.stderr, flush=True)


def _append_to_log(text: str) -> str:
    """Appends to the log; returns the part of the line that names it."""
    if _log is None:
        return ""
    try:
        with _log.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n\n")
    except OSError:
        return ""  # a full disk: the one line has to do
    return f" (all of it: {_log})"
