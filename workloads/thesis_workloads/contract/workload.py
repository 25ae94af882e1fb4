"""The functions of a system: how its data are loaded and its network is trained. Standard library only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.contract.reporter import Reporter, State


def accept_any(config: Any) -> None:
    """Accepts every configuration: the check of a system that declares none."""


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """Seconds of a trial besides its arithmetic, on one core."""

    s_per_value: float = 0.0  # of a layer's output, each time
    s_per_parameter: float = 0.0  # of a step of the optimizer
    s_per_step: float = 0.0
    s_per_trial: float = 0.0  # start, test part, states kept


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One system's functions. Only ``load`` and ``train`` are needed; the platform does without the others."""

    load: Callable[..., Any]  # config, data folder or None [, prepared=...] -> data
    train: Callable[[Any, Any, Reporter], Any]  # config, data, reporter -> trained module or None
    validate: Callable[[Any], None] = accept_any  # config -> None; ValueError where it is wrong
    # Settings that the data depend on; None: all of them, which is always right and loads the data for each trial.
    data_fields: tuple[str, ...] | None = None
    # Whether the data are tensors that trials map from Ray's object store; others are read by each process.
    shares_data: bool = False
    preparation: str = (
        ""  # what the platform makes once and hands to `load` as ``prepared``; empty for nothing
    )
    download: Callable[[Any, Path], Any] | None = None  # config, data folder: fetches what is absent
    size: Callable[[Any], ModelSize] | None = None  # config -> counts for an estimate
    overhead: Overhead = Overhead()
    # config, data, state -> trained module, and data -> a small batch of inputs as numpy. Both, or no model is logged.
    restore: Callable[[Any, Any, State], Any] | None = None
    example: Callable[[Any], Any] | None = None
    # config, data, state -> rows by name, logged as tables of the chosen model
    tables: Callable[[Any, Any, State], Mapping[str, list[dict[str, Any]]]] | None = None
