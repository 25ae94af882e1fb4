"""A tracking server as its own process that can be stopped and started again, and a database to stand behind it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from thesis.tracking.mlflow.server import server_command

LIMIT_S = 120
DATABASE_USER = "postgres"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class TrackingServer:
    """`mlflow server` on loopback, with the command that `thesis ui` starts it by."""

    store: str
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command, environment = server_command(
            self.store, output_dir=self.folder, host="127.0.0.1", port=self.port
        )
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + LIMIT_S
        while not self._is_well():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "server.log").read_text())
            time.sleep(0.2)

    def stop(self) -> None:
        """Ends it and its workers at once, as a lost machine would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _is_well(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.uri}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextlib.contextmanager
def tracking_server(store: str, folder: Path) -> Iterator[TrackingServer]:
    """Yields a server that runs."""
    server = TrackingServer(store, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def database_programs() -> Path | None:
    """Returns the folder of PostgreSQL's programs, or None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextlib.contextmanager
def database(programs: Path) -> Iterator[str]:
    """Yields the address of an empty PostgreSQL on loopback that asks for no password."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    as_user = {"user": DATABASE_USER} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(folder, DATABASE_USER)
    port = free_port()
    made = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        DATABASE_USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "-N",
    ]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder],
            stdout=log, stderr=log, cwd=folder, **as_user,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + LIMIT_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.1)
        yield f"postgresql://{DATABASE_USER}@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
