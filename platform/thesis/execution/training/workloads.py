"""The platform's calls of a system: its functions by name, its configuration checked, its data loaded."""

from pathlib import Path
from typing import Any

from thesis.execution.storage.content_digest import content_digest
from thesis.execution.training.preparations import PREPARATIONS
from thesis.results.findings import DataUsed
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import workload_of
from thesis_workloads.contract.reporter import State
from thesis_workloads.contract.workload import Workload
from thesis_workloads.registry import find_system


def find_workload(system: str) -> Workload:
    """Returns the functions of a system; imports what they need, PyTorch for most."""
    return workload_of(find_system(system))


def check_config(workload: Workload, config: Any) -> None:
    """Checks a configuration before anything starts.

    Raises:
        UserError: what the system itself says of the first wrong setting.
    """
    try:
        workload.validate(config)
    except ValueError as error:
        raise UserError(str(error)) from error


def data_settings(workload: Workload, config: Any) -> dict[str, Any]:
    """Returns the settings that a configuration's data depend on, all of them where the system does not say."""
    fields = workload.data_fields
    return {name: getattr(config, name) for name in (vars(config) if fields is None else fields)}


def call_load(workload: Workload, config: Any, data_dir: Path | None) -> Any:
    """Returns a configuration's data, with what the platform prepares for them made first."""
    if not workload.preparation:
        return workload.load(config, data_dir)
    return workload.load(config, data_dir, prepared=PREPARATIONS[workload.preparation](config, data_dir))


def load_data(workload: Workload, config: Any, data_dir: Path | None, *, download: bool = False) -> Any:
    """Loads a configuration's data, fetched first where asked to.

    Raises:
        UserError: if it is absent, damaged or too small, with what to do.
    """
    try:
        if download:
            if workload.download is None or data_dir is None:
                raise UserError("--download needs --data-dir and a system whose data can be downloaded")
            workload.download(config, data_dir)
        return call_load(workload, config, data_dir)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from error


def data_used(workload: Workload, config: Any, data: Any) -> DataUsed:
    """Returns name, version and digest of data: their own, or for data without one a digest of their content."""
    if hasattr(data, "digest"):
        return DataUsed(name=data.name, version=data.version, digest=data.digest)
    name = str(getattr(config, "data", "") or "own data")
    return DataUsed(name=name, version="", digest=content_digest(data))


def restore_model(workload: Workload, config: Any, data: Any, state: State) -> Any:
    """Returns the trained module of a run's last state.

    Raises:
        UserError: if the system does not say how to build one.
    """
    if workload.restore is None:
        raise UserError("this system declares no way to restore a trained model from a run")
    return workload.restore(config, data, state)
