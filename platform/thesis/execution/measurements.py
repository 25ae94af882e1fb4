"""What measures the tables that are neither training runs nor an evaluation: a literal table of functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.tracking.findings import Findings


@dataclass(frozen=True, kw_only=True)
class MeasureRequest:
    """What a measurement is asked for."""

    scale: str
    settings: Mapping[str, Any]  # as declared for the scale
    seeds: tuple[int, ...]
    data_dir: Path | None
    folder: Path  # of this run, empty: figures and tables that it writes here are kept and logged
    concurrency: int | None = None  # processes at most


Measure = Callable[[MeasureRequest], Findings]

# By published id; each imports what it needs when it is called. Ray is connected by then.
MEASUREMENTS: Mapping[str, Callable[[], Measure]] = {}
