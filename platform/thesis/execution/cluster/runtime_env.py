"""The code that the workers of a cluster run: this checkout, sent with each job, so that it is never stale.

Only the two source roots and the launcher travel. Data, runs, environments, git and whatever looks like a
secret stay here: what is sent can be read by everyone who can reach the cluster.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import thesis
from thesis.execution.cluster.ray_private import JOB_VARIABLE
from thesis.execution.storage.job_folder import is_unpacked
from thesis_workloads.contract.errors import UserError

# Relative to the working directory that Ray unpacks; each worker makes them absolute as it starts.
SOURCE_ROOTS = ("platform", "workloads")

# Patterns as in .gitignore, the last match decides; clusters/runtime-env.yaml lists the same. In Ray's matcher
# "/*" is the checkout too, and "!/a" is the folder without what it holds.
EXCLUDES = (
    "/[!.]*",
    "!/platform",
    "!/platform/**",
    "!/workloads",
    "!/workloads/**",
    "!/clusters",
    "!/clusters/bin",
    "!/clusters/bin/**",
    "__pycache__",
    ".?*",
    "*.pem",
    "*.key",
    "*credentials*",
    "*.pt",
    "*.npz",
    "*.db",
)

ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join(SOURCE_ROOTS),
    "PATH": "clusters/bin:${PATH}",
    # On SIGINT a run ends cleanly, so that the same command resumes it; Ray's own 3 s are too short.
    "RAY_JOB_STOP_SIGNAL": "SIGINT",
    "RAY_JOB_STOP_WAIT_TIME_S": "60",
}


def checkout() -> Path:
    """Returns the folder of the checkout that this code runs from.

    Raises:
        UserError: if it runs from an installed package, of which Ray could send no source roots.
    """
    root = Path(thesis.__file__).resolve().parents[2]
    if not all((root / name).is_dir() for name in SOURCE_ROOTS):
        raise UserError(
            f"thesis runs from {root}, which is no checkout, so there is no code to send to a cluster; run it"
            " from a checkout (pip install --editable .)"
        )
    return root


def runtime_environment(root: Path) -> dict[str, Any]:
    """Returns Ray's runtime environment for the code in a checkout."""
    return {"working_dir": str(root), "excludes": list(EXCLUDES), "env_vars": dict(ENVIRONMENT)}


def driver_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Returns the runtime environment that a process brings along as it connects to a running cluster.

    A submitted job's workers get the job's own; what a plain ``ray job submit --working-dir .`` leaves out
    is added. Where the code is installed on the cluster, as in an image, nothing is sent.
    """
    if JOB_VARIABLE in environ:
        own = json.loads(environ[JOB_VARIABLE]).get("runtime_env") or {}
        lacks_path = "PYTHONPATH" not in own.get("env_vars", {})
        if own.get("working_dir") and lacks_path and is_unpacked(Path(thesis.__file__)):
            return {"env_vars": {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"]}}
        return {}
    try:
        return runtime_environment(checkout())
    except UserError:
        return {}
