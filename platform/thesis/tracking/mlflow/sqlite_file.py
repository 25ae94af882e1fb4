"""The sqlite file of a local tracking store: whole or not there, however many processes begin at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

_SCHEME = "sqlite:///"


def make_sqlite_file(uri: str) -> None:
    """Makes the file of a ``sqlite:///`` address with MLflow's tables, unless it is there; others change nothing.

    MLflow itself builds the tables in place: a second process that finds half of them dies, and one that is
    killed in between leaves a file that no later one can use. Here one process builds a file beside it while
    the others wait, and renames it.
    """
    path = Path(uri.removeprefix(_SCHEME))
    if not uri.startswith(_SCHEME) or path.exists() or not path.parent.is_dir():
        return
    with FileLock(path.with_name(f"{path.name}.lock")):
        if path.exists():
            return
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.unlink(missing_ok=True)
        with _disk_not_waited_for():
            _make_tables(f"{_SCHEME}{unfinished}")
        _write_through(unfinished)
        os.replace(unfinished, path)


def _make_tables(uri: str) -> None:
    import mlflow

    mlflow.MlflowClient(uri).search_experiments(max_results=1)


@contextmanager
def _disk_not_waited_for() -> Iterator[None]:
    """Lets sqlite not wait for the disk after each of MLflow's hundreds of changes to an unfinished file."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def hurry(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")

    event.listen(Engine, "connect", hurry)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hurry)


def _write_through(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
