"""The trials of a declared table at a scale."""

from dataclasses import dataclass
from typing import Any

from thesis_workloads.contract.tables import DeclaredRuns, Overrides, check_scale
from thesis_workloads.registry import find_system


@dataclass(frozen=True, kw_only=True)
class DeclaredTrial:
    """One run of a table with one seed on one set."""

    run: str
    dataset: str
    config: Any


def declared_trials(
    declared: DeclaredRuns, *, scale: str, num_seeds: int = 0, seed: int = 0
) -> list[DeclaredTrial]:
    """Returns a table's trials at a scale, seed by seed; ``num_seeds=0`` takes the declared number.

    Raises:
        UserError: if there is no such scale.
    """
    check_scale(scale)
    return [
        DeclaredTrial(run=run, dataset=dataset, config=_config(declared, run, scale, data, number))
        for number in range(seed, seed + (num_seeds or declared.num_seeds[scale]))
        for dataset, data in declared.data[scale].items()
        for run in runs_at(declared, scale)
    ]


def runs_at(declared: DeclaredRuns, scale: str) -> tuple[str, ...]:
    """Returns the names of the runs that a scale has."""
    return declared.only.get(scale, tuple(declared.runs))


def _config(declared: DeclaredRuns, run: str, scale: str, data: str | Overrides, seed: int) -> Any:
    own = dict(declared.runs[run])
    own |= {key: value for key, value in declared.limits.get(scale, {}).items() if key in own}
    of_data = {"data": data} if isinstance(data, str) else data
    values = {**declared.settings[scale], **own, **of_data, "seed": seed}
    return find_system(declared.system).config(**values)
