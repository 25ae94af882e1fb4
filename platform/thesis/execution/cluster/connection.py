"""A Ray to run on: the one that RAY_ADDRESS names, else a local one for as long as it is needed."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from thesis.errors import first_line
from thesis.execution.cluster.ray_messages import divert_messages
from thesis.execution.cluster.ray_private import job_config_without_working_folder, keep_to_loopback
from thesis.execution.cluster.ray_surroundings import check_address, temporary_folder
from thesis.execution.cluster.runtime_env import driver_environment
from thesis_workloads.contract.errors import UserError

# Read by Ray when it is imported or started; set before the first import of ray.
_QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    # Of what Ray's core says on a terminal (where an actor's arguments are kept, ...) a user can fix nothing.
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    # A trial whose process dies is reported by the journal, in one line.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "A worker died or was killed while executing a task",
    # How often Ray Train asks its workers for their reports: a worker waits for that after each epoch.
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.05",
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
    "RAY_TRAIN_METRICS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
}

# A local Ray listens on the loopback address alone. Ray takes this machine's outward address, even where
# 127.0.0.1 is asked for, unless it is told that there will be no cluster.
_LOOPBACK = {"RAY_AUTH_MODE": "disabled", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

# What a full object store sends to the disk goes through one process each way, of 50 MB, not through up to four.
_FEW_IO_WORKERS = {"RAY_max_io_workers": "1"}


@dataclass(frozen=True, kw_only=True)
class LocalResources:
    """The most that a local Ray takes, so that its memory does not depend on the machine."""

    max_cpus: int  # at least two are shared out, so that a reader and a writer never wait for each other
    object_store_bytes: int  # of memory; what is more goes to the disk

    def options(self) -> dict[str, Any]:
        """Returns them as arguments of `ray.init`."""
        num_cpus = max(2, min(self.max_cpus, os.cpu_count() or 1))
        return {"num_cpus": num_cpus, "object_store_memory": self.object_store_bytes}


@contextmanager
def ray_session(
    *, dashboard: bool, address: str | None = None, limits: LocalResources | None = None
) -> Iterator[None]:
    """Connects for the time of a ``with`` block and disconnects after it; keeps a connection it finds.

    ``limits`` are of a local Ray; a cluster has its own.

    Raises:
        UserError: if an address is given and nothing answers there.
    """
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    _refuse_job_server(where)
    check_address(where)
    # A cluster that runs already has its own way to know who may use it.
    settings = _QUIET if where != "local" else {**_QUIET, **_LOOPBACK, **(_FEW_IO_WORKERS if limits else {})}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    import ray

    divert_messages()
    warnings.filterwarnings("ignore", category=UserWarning, module=r"ray\.data")
    for noisy in ("ray.tune", "ray.train", "ray.data"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    if ray.is_initialized():
        yield
        return
    if where == "local":
        keep_to_loopback()
        options: dict[str, Any] = {"include_dashboard": dashboard, "dashboard_host": "127.0.0.1"}
        options |= {
            "_temp_dir": f"{temporary_folder()}/ray",
            "job_config": job_config_without_working_folder(),
        }
        options |= limits.options() if limits else {}
    else:
        options = {"runtime_env": driver_environment(os.environ)}
    try:
        with _without_standard_error():
            ray.init(
                address=where,
                log_to_driver=False,
                logging_level="ERROR",
                configure_logging=True,
                **options,
            )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        reason = first_line(error)
        if where == "local":
            raise UserError(
                f"Ray can't start on this machine ({reason}); thesis doctor says what it has"
            ) from error
        raise UserError(f"no Ray answers at {where} ({reason}); check RAY_ADDRESS") from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _without_standard_error() -> Iterator[None]:
    # Ray's core announces there, below Python, which log level it was given; errors come as exceptions.
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _refuse_job_server(where: str) -> None:
    if where.startswith(("http://", "https://")):
        raise UserError(
            f"{where} is where a cluster takes jobs; send this command there as one: thesis submit --address"
            f" {where} -- ..., or give RAY_ADDRESS as host:port (6379)"
        )


def cluster_resources() -> dict[str, float]:
    """Returns the total resources of the connected Ray, by kind: CPU, GPU, memory in bytes."""
    import ray

    return dict(ray.cluster_resources())
