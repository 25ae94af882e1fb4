"""What a measurement is asked for, and how it is declared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.results.findings import Findings


@dataclass(frozen=True, kw_only=True)
class MeasureRequest:
    """What a measurement is asked for."""

    scale: str
    settings: Mapping[str, Any]  # as declared for the scale
    seeds: tuple[int, ...]
    data_dir: Path | None
    folder: Path  # of this run, empty: figures and tables that it writes here are kept and logged
    concurrency: int | None = None  # processes at most


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """How one table is measured, and what tells the data it is measured on."""

    measure: Callable[[MeasureRequest], Findings]
    # A line for each set and each set of weights that it reads, with a digest, or that the set is absent.
    # Asked before anything is measured; the request's folder is not there yet.
    data: Callable[[MeasureRequest], tuple[str, ...]]
    code: tuple[str, ...]  # the modules and packages that do it, besides the module of `measure`
