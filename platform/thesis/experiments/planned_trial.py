"""One trial of a plan, and what it holds while it runs."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from thesis_workloads.contract.digest import digest


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one trial, or one training run, holds while it runs."""

    workers: int = 1
    cpus_per_worker: float = 1.0
    gpus_per_worker: float = 0.0
    memory_gib_per_worker: float = 0.0  # of the machine; 0: not counted
    gpu_memory_gib_per_worker: float = 0.0  # of one card, in place of gpus_per_worker; 0: not declared


@dataclass(frozen=True, kw_only=True)
class PlannedTrial:
    """One complete configuration, seed included."""

    config: Any
    is_baseline: bool
    name: str = ""  # as displayed; empty makes one of the searched settings
    control: str = ""  # name of the control that it is a run of; empty for the method and the baseline

    @property
    def key(self) -> str:
        """A name that the same configuration has in every run."""
        role = "baseline" if self.is_baseline else f"control-{self.control}" if self.control else "trial"
        return f"{role}-{digest(dataclasses.asdict(self.config), 10)}"
