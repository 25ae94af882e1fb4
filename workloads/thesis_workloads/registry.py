"""Every system by name: the dissertation's, those of installed packages, and a study in a file of your own.

A system of the dissertation is one line here. A package adds its own by an entry point of the group
``thesis.workloads`` that names an `Experiment`. A study needs neither: its path, or ``module:NAME``, is its name.
"""

import functools
from importlib.metadata import entry_points
from typing import Any

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment, tables_of
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.contract.reference import resolve
from thesis_workloads.studies import is_study, load_study

ENTRY_POINTS = "thesis.workloads"
_SYSTEMS = "thesis_workloads.systems"
# By chapter.
BUILT_IN = (
    f"{_SYSTEMS}.ms_roi.experiment:MSROI",
    f"{_SYSTEMS}.ms_roi.encoder_experiment:MSROI_ENCODER",
    f"{_SYSTEMS}.aug_ms_roi.experiment:AUG_MSROI",
    f"{_SYSTEMS}.pixel_deflection.experiment:PIXEL_DEFLECTION",
    f"{_SYSTEMS}.repr.experiment:REPR",
    f"{_SYSTEMS}.repr.detection.experiment:DETECTION",
    f"{_SYSTEMS}.highway_vqa.experiment:HIGHWAY_VQA",
    f"{_SYSTEMS}.residual_lstm.experiment:RESIDUAL_LSTM",
    f"{_SYSTEMS}.condensed_memory.experiment:CONDENSED_MEMORY",
)

# What `thesis sweep` means by a name, where that is not the system of that name: one trains MS-ROI's network, and
# sweeps the encoder that its maps are for.
_SWEPT = {"msroi": "msroi-encoder", "msroi-network": "msroi"}


@functools.cache
def all_systems() -> dict[str, Experiment]:
    """Returns the systems of the dissertation and of installed packages by name.

    Raises:
        UserError: if a package's system can't be loaded or has a name that is taken.
    """
    found = {system.name: system for system in map(resolve, BUILT_IN)}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            system = point.load()
        except Exception as error:
            raise UserError(
                f"the entry point {point.name!r} ({point.value}) can't be loaded: {error}"
            ) from error
        if not isinstance(system, Experiment) or system.name in found:
            raise UserError(
                f"the entry point {point.name!r} ({point.value}) must name an Experiment with a name of its own,"
                f" got {getattr(system, 'name', system)!r}"
            )
        found[system.name] = system
    return found


@functools.cache
def all_tables() -> dict[str, Any]:
    """Returns every declared table and figure by its published id, chapter by chapter."""
    found: dict[str, Any] = {}
    for system in all_systems().values():
        found |= tables_of(system)
    return found


def find_swept(name: str) -> Experiment:
    """Returns the system that a sweep of that name is about.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    return find_system(_SWEPT.get(name, name))


def find_system(name: str) -> Experiment:
    """Returns the system of that name, or the study at that path or reference.

    Raises:
        UserError: naming the nearest one if there is none, or what is wrong with the study.
    """
    if is_study(name):
        return load_study(name)
    systems = all_systems()
    if name not in systems:
        raise UserError(
            f"there is no system {name!r}{nearest(name, list(systems))} (systems: {', '.join(systems)}; or the"
            " path of a study, ./my_study.py)"
        )
    return systems[name]
