"""The sqlite file of a local tracking store: made atomically, however many processes begin at once."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from filelock import FileLock

from thesis.files import atomic_path
from thesis.tracking.mlflow.mlflow_private import ARTIFACT_COLUMNS

_SCHEME = "sqlite:///"
_ESCAPED = "?uri=true"


def sqlite_uri(path: Path) -> str:
    """Returns the address of a sqlite file, whatever stands in its name.

    SQLAlchemy decodes the address once and takes what follows a question mark for options; SQLite decodes it again.
    """
    text = str(path.resolve())
    if not set("?%#") & set(text):
        return f"{_SCHEME}{text}"
    return f"{_SCHEME}file:{quote(quote(text))}{_ESCAPED}"


def sqlite_path(uri: str) -> Path:
    """Returns the file of a ``sqlite:///`` address."""
    text = uri.removeprefix(_SCHEME)
    if text.startswith("file:") and text.endswith(_ESCAPED):
        return Path(unquote(unquote(text.removeprefix("file:").removesuffix(_ESCAPED))))
    return Path(text.partition("?")[0])


def relocate_artifacts(uri: str, location: str) -> None:
    """Lets a store whose folder was moved or copied name the artifacts next to it, not those of the old location.

    Args:
        uri: the ``sqlite:///`` address.
        location: the ``file://`` address that experiments' artifacts are to have.
    """
    path = sqlite_path(uri)
    if not uri.startswith(_SCHEME) or not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        found = connection.execute("SELECT DISTINCT artifact_location FROM experiments").fetchall()
        ending = location.rpartition("/")[2]
        for (old,) in found:
            if old and old != location and old.startswith("file:") and old.endswith(f"/{ending}"):
                _replace_location(connection, old, location)
        connection.commit()


def _replace_location(connection: sqlite3.Connection, old: str, new: str) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, column in ARTIFACT_COLUMNS:
        columns = (
            {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            if table in tables
            else set()
        )
        if column in columns:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?)"
                f" WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                (new, len(old) + 1, old, len(old) + 1, f"{old}/"),
            )


def make_sqlite_file(uri: str) -> None:
    """Makes the file of a ``sqlite:///`` address with MLflow's tables, unless it is there; others change nothing.

    MLflow itself builds the tables in place: a second process that finds half of them dies, and one that is
    killed in between leaves a file that no later one can use. Here one process builds a file next to it while
    the others wait, and renames it.
    """
    path = sqlite_path(uri)
    if not uri.startswith(_SCHEME) or path.exists() or not path.parent.is_dir():
        return
    with FileLock(path.with_name(f"{path.name}.lock")):
        if path.exists():
            return
        with atomic_path(path, unfinished=path.with_name(f"{path.name}.part")) as unfinished:
            with without_fsync():
                _make_tables(sqlite_uri(unfinished))
            _write_through(unfinished)


def _make_tables(uri: str) -> None:
    import mlflow

    mlflow.MlflowClient(uri).search_experiments(max_results=1)


@contextmanager
def without_fsync() -> Iterator[None]:
    """Keeps sqlite from waiting for the disk after each of MLflow's hundreds of changes to an unfinished file."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def skip_fsync(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")

    event.listen(Engine, "connect", skip_fsync)
    try:
        yield
    finally:
        event.remove(Engine, "connect", skip_fsync)


def _write_through(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
