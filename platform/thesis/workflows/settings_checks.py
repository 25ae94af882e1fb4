"""Checks of a plan's settings that need no PyTorch: what is wrong is said before anything slow is imported.

The checks that need more (layers of a network, data) follow in `workloads.check_config` and when data are loaded.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from thesis.execution.storage.run_folder import check_writable
from thesis.experiments.plan import Plan, TrainPlan, planned_trials
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.catalog import image_set, status


def check_early(plan: Plan, *, output_dir: Path | None, data_dir: Path | None, download: bool) -> None:
    """Checks settings, the name of an image set, and the output folder where one is given.

    Raises:
        UserError: naming the first that is wrong.
    """
    configs = [] if isinstance(plan, TrainPlan) else [trial.config for trial in planned_trials(plan)]
    for config in (plan.config, *configs):
        check_settings(plan.system, config)
    if output_dir is None:
        return  # only the plan is shown
    if plan.system == "repr" and not download:
        found = status(plan.config.data, data_dir)
        if not found.is_here:
            raise UserError(found.explain())
    check_writable(output_dir)


def check_settings(system: str, config: Any) -> None:
    """Checks a configuration as far as names and ranges go.

    Raises:
        UserError: what the system itself says of the first wrong setting.
    """
    try:
        if system in _VALIDATORS:
            _VALIDATORS[system]()(config)
        if system == "repr":
            image_set(config.data)
    except ValueError as error:
        raise UserError(str(error)) from error


def _repr() -> Callable[[Any], None]:
    from thesis_workloads.systems.repr.validation import validate

    return validate


def _detection() -> Callable[[Any], None]:
    from thesis_workloads.systems.repr.detection.validation import validate

    return validate


def _condensed_memory() -> Callable[[Any], None]:
    from thesis_workloads.systems.condensed_memory.validation import validate

    return validate


def _residual_lstm() -> Callable[[Any], None]:
    from thesis_workloads.systems.residual_lstm.validation import validate

    return validate


def _pixel_deflection() -> Callable[[Any], None]:
    from thesis_workloads.systems.pixel_deflection.validation import validate

    return validate


def _highway_vqa() -> Callable[[Any], None]:
    from thesis_workloads.systems.highway_vqa.validation import validate

    return validate


def _msroi() -> Callable[[Any], None]:
    from thesis_workloads.systems.ms_roi.validation import validate

    return validate


_VALIDATORS: dict[str, Callable[[], Callable[[Any], None]]] = {
    "repr": _repr,
    "detection": _detection,
    "condensed-memory": _condensed_memory,
    "residual-lstm": _residual_lstm,
    "pixel-deflection": _pixel_deflection,
    "highway-vqa": _highway_vqa,
    "ms-roi": _msroi,
}
