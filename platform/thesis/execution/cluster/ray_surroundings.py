"""Checks of a machine before Ray starts: temporary folder and address, each fault in one line."""

import os
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from thesis_workloads.contract.errors import UserError

_SOCKET_BYTES = 107  # Linux' limit on the path of a socket
_BELOW_BYTES = len("/ray/session_2026-01-01_00-00-00_000000_4194304/sockets/plasma_store_0")
_FALLBACK = "/tmp"
_CONNECT_TIMEOUT_S = 5.0


def temporary_folder() -> str:
    """Returns the folder that a local Ray keeps its session in; /tmp where the usual one has too long a name.

    Raises:
        UserError: if nothing can be written there.
    """
    chosen = os.environ.get("RAY_TMPDIR", "")
    folder = chosen or tempfile.gettempdir()
    most = _SOCKET_BYTES - _BELOW_BYTES
    if len(os.fsencode(folder)) > most:
        if chosen:
            raise UserError(
                f"RAY_TMPDIR must be at most {most} characters long for Ray's sockets, got {chosen}"
            )
        folder = _FALLBACK
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        name = "RAY_TMPDIR" if chosen else "TMPDIR"
        raise UserError(
            f"{name} must be a folder that Ray can write to, got {folder} ({error.strerror}); set RAY_TMPDIR to another"
        ) from error
    return str(Path(folder).resolve())


def check_address(where: str) -> None:
    """Checks that something listens at the address of a running Ray; Ray itself asks for minutes.

    Raises:
        UserError: if nothing does, or it is no address.
    """
    if where in ("local", "auto"):
        return
    try:
        parts = urlsplit(where if "://" in where else f"ray-gcs://{where}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UserError(f"RAY_ADDRESS must be host:port or auto, got {where} ({error})") from error
    if not host or port is None:
        raise UserError(f"RAY_ADDRESS must be host:port (6379) or auto, got {where}")
    try:
        socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S).close()
    except (OSError, UnicodeError) as error:
        raise UserError(
            f"no Ray answers at {where} ({error}); start it, or unset RAY_ADDRESS to run on this machine"
        ) from error
