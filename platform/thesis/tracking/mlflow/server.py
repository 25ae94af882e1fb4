"""How MLflow's own server is started on a store."""

import os
import socket
import sys
from pathlib import Path

from thesis.tracking.mlflow.sqlite_file import sqlite_path
from thesis_workloads.contract.errors import UserError


def server_command(uri: str, *, output_dir: Path, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    """Returns the command and environment of ``mlflow server`` with one worker and no job runner.

    Raises:
        UserError: if the store is a file that is not there, or the port is taken.
    """
    if uri.startswith("sqlite:///") and not sqlite_path(uri).exists():
        raise UserError(
            f"there are no runs in {output_dir} yet ({sqlite_path(uri)} is missing); run a sweep, or use --output-dir"
        )
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            raise UserError(f"port {port} on {host} is taken; use --port")
    artifacts = (output_dir / "mlartifacts").resolve().as_uri()
    command = [
        sys.executable, "-P", "-m", "mlflow", "server", "--default-artifact-root", artifacts,
        "--host", host, "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    environment = {
        **os.environ,
        # Not an argument: everyone on the machine can read those, and a database's address may hold a password.
        "MLFLOW_BACKEND_STORE_URI": uri,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONSAFEPATH": "1",  # a numpy.py in the working folder is not NumPy
    }
    return command, environment
