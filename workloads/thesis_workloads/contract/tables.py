"""How a table or figure of the dissertation is declared.

Write it down in ``systems/<system>/tables.py``; ``thesis reproduce ID`` then runs it, keeps what it found under
``tables/<scale>/<id>.json`` and prints it next to the published numbers with the verdicts. There are three sources:

1. `DeclaredRuns`: training runs of a system. Settings by scale, data by scale, runs as overrides, and cells that say
   which metric of which run is which number. They run on Ray Tune, are resumed, and a trial that another table has
   finished (same configuration, data and code) is not run again.
2. `DeclaredEvaluation` (`thesis_workloads.contract.evaluation_tables`): attacks and defenses of a classifier, on Ray
   Data.
3. `DeclaredMeasurement`: anything else, measured by a function that returns cells.

A number that a claim needs and no table prints is a cell with ``is_quantity=True``: its column is the quantity's
name, its row the arguments, as `claims.toml` writes them. It is kept under ``measures-<system>-<id>``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from thesis_workloads.contract.errors import UserError

Overrides = Mapping[str, Any]
Pick = Literal["last", "first", "max", "min", "mean"]
SCALES = ("smoke", "small", "paper")


@dataclass(frozen=True, kw_only=True)
class RunCell:
    """Where a number comes from: ``offset + factor * metric`` of a run, less that of another run."""

    row: Mapping[str, Any]  # the table's row keys
    column: str  # the table's column key
    run: str
    dataset: str  # as the table calls it
    metric: str = "test/accuracy"
    factor: float = 100.0
    offset: float = 0.0
    minus: str = ""  # a run whose metric is taken off, seed by seed; empty for none
    pick: Pick = "last"  # which of the run's epochs
    epoch: int = 0  # this one instead, from 1
    minus_epoch: int = 0  # whose value of the same run is taken off; 0 for none
    is_quantity: bool = False  # what a claim needs and no table prints


@dataclass(frozen=True, kw_only=True)
class Curves:
    """The figure of a declaration: a measured column against a row key, a line per value of another.

    Lines called ``A, X`` and ``A, Y`` have one colour and differ by their dashes.
    """

    x: str  # row key along the axis
    x_label: str  # with unit
    y: str  # column
    y_label: str
    line: str = ""  # row key with a line per value; empty for one line
    x_column: str = ""  # measured column along the axis, in place of the row key: points with two intervals
    shaded: str = ""  # column of 0 and 1: the background is grey where a line has 1
    is_log_x: bool = False


@dataclass(frozen=True, kw_only=True)
class DeclaredRuns:
    """The runs of one table or figure."""

    title: str
    table: str  # id of the published one
    runs: Mapping[str, Overrides]  # overrides by name; the first is the baseline
    cells: tuple[RunCell, ...]
    settings: Mapping[str, Overrides]  # by scale, below those of the runs
    data: Mapping[str, Mapping[str, str | Overrides]]  # by scale: what stands for which of the table's sets
    num_seeds: Mapping[str, int]  # by scale
    system: str = "repr"  # in the catalog
    limits: Mapping[str, Overrides] = field(default_factory=dict)  # by scale: in place of what a run sets
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # runs of a scale that can't have all
    published_data: tuple[str, ...] = ()  # values of the setting `data` that are the dissertation's own sets
    notes: tuple[str, ...] = ()  # deviations that a reader of the table has to know
    paper_system: str = ""  # its name in the reference data, where the table is not one of those
    curves: tuple[Curves, ...] = ()

    kind = "runs"


@dataclass(frozen=True, kw_only=True)
class MeasureCost:
    """What a measurement takes, roughly: an estimate for ``--plan``, not a measurement."""

    core_hours: float
    gpu_hours: float = 0.0
    memory_gib: float = 1.0
    storage_mib: float = 0.0


@dataclass(frozen=True, kw_only=True)
class DeclaredMeasurement:
    """A table, sample table or figure that a function of `thesis.execution.measurements.registry` measures."""

    title: str
    table: str  # id of the published one
    system: str  # MLflow's experiment: the system's name in the catalog
    settings: Mapping[str, Overrides]  # by scale: what the function is given
    num_seeds: Mapping[str, int]  # by scale; 1 where nothing is random
    cost: Mapping[str, MeasureCost]  # by scale
    paper_system: str = ""  # its name in the reference data, where the table is not one of those
    notes: tuple[str, ...] = ()
    curves: tuple[Curves, ...] = ()

    kind = "measurement"


def check_scale(scale: str) -> None:
    """Refuses what is no scale.

    Raises:
        UserError: naming the scales.
    """
    if scale not in SCALES:
        raise UserError(f"--scale must be one of {', '.join(SCALES)}, got {scale!r}")
