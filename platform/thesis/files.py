"""Files that appear atomically: a reader sees the old file or the whole new one, never a part of it.

A process that is killed while it writes leaves the old file and a hidden ``.*.part`` next to it. Nothing waits for
the disk: after a loss of power the newest file may be lost or torn.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomic(path: Path, content: str | bytes) -> None:
    """Writes a file atomically; text as UTF-8, without changing its ends of lines. Makes the folders above it.

    Raises:
        OSError: if it can't be written; then the old file stays, and nothing is left next to it.
    """
    with atomic_path(path) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def atomic_path(path: Path, *, unfinished: Path | None = None) -> Iterator[Path]:
    """Gives a path to write to, which replaces the file at the end of the ``with`` block.

    If the block raises, the old file stays and what was written is removed.

    Args:
        path: The file; the folders above it are made.
        unfinished: The path to write to, in the same folder, where one process at a time writes: what a killed
            process left there is removed first. By default a new hidden name, so that several may write at once.

    Raises:
        OSError: if the folders or the file can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written = unfinished or path.parent / f".{secrets.token_hex(8)}.part"
    written.unlink(missing_ok=True)
    try:
        yield written
        os.replace(written, path)
    finally:
        written.unlink(missing_ok=True)
