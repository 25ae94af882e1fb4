"""``thesis doctor``: what this machine has, and what would stop a run."""

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thesis.cli.options import DataDirOption, OutputDirOption
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError

_PACKAGES = ("torch", "torchvision", "ray", "mlflow", "optuna", "numpy", "scipy", "scikit-learn", "pyarrow")
_MIN_FREE_BYTES = 2 * 2**30
_MIN_MEMORY_BYTES = 4 * 2**30


def doctor_command(data_dir: DataDirOption = None, output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR) -> None:
    """Check packages, cores, memory, disk, GPU, Ray, the tracking store and the datasets.

    Exits with 1 if something would stop a run.
    """
    console = Console()
    table = Table("what", "state", "found", title_justify="left")
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", platform.python_version),
        *((name, lambda name=name: importlib.metadata.version(name)) for name in _PACKAGES),
        ("cores", lambda: str(os.cpu_count())),
        ("memory", _memory),
        ("GPU", _gpu),
        ("Ray", _ray),
        ("output folder", lambda: _output(output_dir)),
        ("tracking store", lambda: _store(output_dir)),
        ("default dataset", lambda: _dataset(data_dir)),
    ]
    num_wrong = 0
    for what, check in checks:
        try:
            table.add_row(what, "ok", escape(check()))
        except (UserError, ValueError, OSError, importlib.metadata.PackageNotFoundError) as error:
            num_wrong += 1
            table.add_row(what, "[red]wrong[/red]", escape(str(error)))
    console.print(table)
    if num_wrong:
        console.print(f"{num_wrong} of {len(checks)} checks failed; a run would stop there.")
        raise typer.Exit(1)
    console.print("Everything a run needs is here.")


def _memory() -> str:
    import psutil

    memory = psutil.virtual_memory()
    if memory.available < _MIN_MEMORY_BYTES:
        raise UserError(f"{memory.available / 2**30:.1f} GiB free; a sweep on two cores needs about 4 GiB")
    return f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free"


def _gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        return "none (runs use the CPU)"
    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return ", ".join(names)


def _ray() -> str:
    address = os.environ.get("RAY_ADDRESS")
    if not address:
        return "a local one is started for each run (RAY_ADDRESS is not set)"
    from thesis.execution.cluster.connection import cluster_resources
    from thesis.execution.cluster.connection import ray_session as connected

    with connected(dashboard=False):
        resources = cluster_resources()
    return f"{address}: {resources.get('CPU', 0):g} CPUs, {resources.get('GPU', 0):g} GPUs"


def _output(output_dir: Path) -> str:
    from thesis.execution.storage.run_folder import check_writable

    check_writable(output_dir)
    free = shutil.disk_usage(output_dir).free
    if free < _MIN_FREE_BYTES:
        raise UserError(f"{output_dir.resolve()} has {free / 2**30:.1f} GiB free; use --output-dir")
    return f"{output_dir.resolve()}, {free / 2**30:.0f} GiB free"


def _store(output_dir: Path) -> str:
    from thesis.tracking.mlflow.store import check_reachable, redacted, tracking_uri

    uri = tracking_uri(output_dir)
    check_reachable(uri)
    return redacted(uri)


def _dataset(data_dir: Path | None) -> str:
    from thesis_workloads.datasets.catalog import status

    found = status("digits", data_dir)
    if not found.is_here:
        raise UserError(found.explain())
    return found.explain()
