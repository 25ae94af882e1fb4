"""Where and with what a benchmark was taken: the line above every table of results."""

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe_machine(command: str, *, packages: tuple[str, ...] = ("torch", "ray", "mlflow")) -> str:
    """Returns one line: date, cores and model of the processor, load, versions, and the command."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{datetime.date.today()}, {os.cpu_count()} cores ({models[0] if models else platform.processor()}),"
        f" load before the run {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, {versions}."
        f" Command: `{command}`."
    )
