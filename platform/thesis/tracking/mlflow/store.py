"""Where MLflow keeps its runs, and whether it can be reached before anything is trained."""

import logging
import os
import socket
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from thesis.errors import first_line
from thesis.tracking.mlflow.mlflow_private import EXPERIMENT_KIND
from thesis.tracking.mlflow.sqlite_file import make_sqlite_file, relocate_artifacts, sqlite_path, sqlite_uri
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    from mlflow import MlflowClient

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
# Else it prints two lines of addresses for each trial that ends.
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

_CONNECT_TIMEOUT_S = 5.0
_PATIENCE_S = 180.0  # how long a server may be away at the end of a run


def tracking_uri(output_dir: Path) -> str:
    """Returns MLFLOW_TRACKING_URI, or a sqlite file in the output folder.

    A server's address comes back without user and password, so that no link, message or report can hold them;
    this process keeps them in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, where MLflow looks.

    Raises:
        UserError: if the address holds a user without a password, which MLflow could not send in another way.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        return sqlite_uri(output_dir / "mlflow.db")
    parts = _parts(uri, "MLFLOW_TRACKING_URI")
    if parts.scheme not in ("http", "https") or "@" not in parts.netloc:
        return uri
    if not parts.username or not parts.password:
        raise UserError(
            f"MLFLOW_TRACKING_URI must hold a user and a password before {parts.hostname}, or neither; a token goes"
            " into MLFLOW_TRACKING_TOKEN"
        )
    os.environ["MLFLOW_TRACKING_USERNAME"] = unquote(parts.username)
    os.environ["MLFLOW_TRACKING_PASSWORD"] = unquote(parts.password)
    os.environ["MLFLOW_TRACKING_URI"] = uri.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1)
    return os.environ["MLFLOW_TRACKING_URI"]


def open_experiment(uri: str, *, name: str, output_dir: Path, tags: Mapping[str, str]) -> str:
    """Returns the id of the MLflow experiment of that name, created with its store if need be.

    Raises:
        UserError: if the store cannot be reached or refuses to answer.
    """
    check_reachable(uri)
    registry = os.environ.get("MLFLOW_REGISTRY_URI", "")
    if registry and registry != uri:
        check_reachable(registry, what="MLFLOW_REGISTRY_URI")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        make_sqlite_file(uri)
        if uri == sqlite_uri(output_dir / "mlflow.db"):
            relocate_artifacts(uri, (output_dir / "mlartifacts").resolve().as_uri())
        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient(uri)
        location = (output_dir / "mlartifacts").resolve().as_uri() if uri.startswith("sqlite") else None
        return _find_or_create(client, name, location, tags)
    except (MlflowException, OSError, sqlite3.Error) as error:
        raise UserError(f"the tracking store {redacted(uri)} does not answer: {first_line(error)}") from error


def _find_or_create(client: "MlflowClient", name: str, location: str | None, tags: Mapping[str, str]) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(
                client.create_experiment(name, artifact_location=location, tags={**EXPERIMENT_KIND, **tags})
            )
        except MlflowException:
            # Another process may have made it meanwhile.
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def check_reachable(uri: str, *, what: str = "MLFLOW_TRACKING_URI") -> None:
    """Checks that something listens at a tracking server's address; a file needs no check.

    Raises:
        UserError: if nothing does, or it is no address.
    """
    parts = _parts(uri, what)
    if parts.scheme not in ("http", "https"):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    kind = "tracking server" if what == "MLFLOW_TRACKING_URI" else "model registry"
    instead = (
        "use a local sqlite file"
        if what == "MLFLOW_TRACKING_URI"
        else "register models where runs are tracked"
    )
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_CONNECT_TIMEOUT_S).close()
    except (OSError, UnicodeError) as error:
        raise UserError(
            f"the {kind} {redacted(uri)} cannot be reached ({first_line(error)}); start it, or unset {what} to"
            f" {instead}"
        ) from error


def _parts(uri: str, what: str) -> SplitResult:
    """Returns the parts of an address.

    Raises:
        UserError: if it is none.
    """
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  # checks it
    except ValueError as error:
        raise UserError(
            f"{what} must be an address such as http://127.0.0.1:5000, got one with a fault ({error})"
        ) from error
    return parts


def wait_until_reachable(uri: str, *, run: str, patience_s: float = _PATIENCE_S) -> None:
    """Waits for a tracking server that is away, so that a run that has ended while it was can still be logged.

    Raises:
        UserError: if it stays away; what is missing is still in the run's journal.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            check_reachable(uri)
        except UserError as error:
            if time.monotonic() > deadline:
                raise UserError(
                    f"everything was run, but {error}; then 'thesis resume {run}' sends the rest"
                ) from error
            time.sleep(1.0)
        else:
            return


def redacted(uri: str) -> str:
    """Returns the address without what may be a secret: user and password, and what follows a question mark."""
    if uri.startswith("sqlite:///"):
        return str(sqlite_path(uri))
    user = urlsplit(uri).netloc.rpartition("@")[0]
    shown = uri.replace(f"{user}@", "***@", 1) if user else uri
    return shown.partition("?")[0]
