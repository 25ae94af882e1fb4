"""Measured tables: the samples behind every number, and on what data and at what scale they were taken.

A measured table has the id, the row keys and the columns of the printed one. What a claim needs and no table
prints (``file_size(method="ms-roi")``) is a column of a table whose id starts with ``measures-<system>``: the
quantity's name is the column, its arguments are the row's keys.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from thesis.results.keys import Keys, matches, words

EXACT = "exact"  # the unit of what has no sampling error: a count, a property of a program
SEED = "seed"
SCALES = ("smoke", "small", "paper")  # in order of cost
MEASURES = "measures-"


@dataclass(frozen=True, kw_only=True)
class Samples:
    """The values behind one number, which is their mean."""

    values: Mapping[str, float]  # by the seed, the image, the sentence pair, ... that each belongs to
    unit: str = SEED  # what differs between them, in the singular; `EXACT` for one value without error

    def __post_init__(self) -> None:
        if not self.values or not all(math.isfinite(value) for value in self.values.values()):
            raise ValueError(f"samples must be at least one finite number, got {dict(self.values)!r}")
        if self.unit == EXACT and len(self.values) != 1:
            raise ValueError(f"an exact number must be one value, got {len(self.values)}")

    @property
    def mean(self) -> float:
        """Returns the number that a table shows."""
        return math.fsum(self.values.values()) / len(self.values)


@dataclass(frozen=True, kw_only=True)
class MeasuredData:
    """What a number was measured on."""

    name: str
    version: str = ""
    digest: str = ""
    is_published: bool = False  # the very data that the dissertation names

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, kw_only=True)
class MeasuredRow:
    """One row; a column that was not measured is left out."""

    keys: Keys
    cells: Mapping[str, Samples]
    data: MeasuredData | None = None  # where it differs from the table's


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What measuring a table took; trials that another table had run before are counted and cost nothing."""

    num_trials: int
    num_reused: int = 0  # trials that were there already
    core_s: float  # seconds of CPU cores that were held
    wall_s: float

    def __add__(self, other: "Spent") -> "Spent":
        """Returns the sum of both."""
        return Spent(
            num_trials=self.num_trials + other.num_trials,
            num_reused=self.num_reused + other.num_reused,
            core_s=self.core_s + other.core_s,
            wall_s=self.wall_s + other.wall_s,
        )


NOTHING_SPENT = Spent(num_trials=0, core_s=0.0, wall_s=0.0)


@dataclass(frozen=True, kw_only=True)
class FrozenClaims:
    """The claims that judge a table, as they were when it was first measured."""

    digest: str  # of all of them with the bounds
    commit: str  # of the project; empty outside a checkout
    claims: Mapping[str, str]  # the digest of each, by id


@dataclass(frozen=True, kw_only=True)
class MeasuredTable:
    """One table as it was measured."""

    id: str
    system: str
    scale: str
    data: MeasuredData
    rows: tuple[MeasuredRow, ...]
    seeds: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()  # a sentence each: what was planned and isn't there, e.g. a diverged seed
    notes: tuple[str, ...] = ()  # deviations from the dissertation that a reader has to know
    provenance: Mapping[str, str] = field(default_factory=dict)  # git.commit, version.*, device, wall_s, ...
    links: Mapping[str, str] = field(default_factory=dict)  # words to address, e.g. of the MLflow run
    figures: tuple[str, ...] = ()  # PNG or SVG files, relative to the output folder
    spent: Spent | None = None  # None where it was not noted
    judged_by: FrozenClaims | None = None  # None where it was not noted
    is_sequential: bool = False  # seeds were added because of what the first ones showed

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ValueError(f"scale must be one of {', '.join(SCALES)}, got {self.scale!r}")
        seen = [sorted((key, str(value)) for key, value in row.keys.items()) for row in self.rows]
        twice = next((keys for keys in seen if seen.count(keys) > 1), None)
        if twice is not None:
            raise ValueError(f"rows of {self.id} must have keys of their own, got {twice} twice")

    def row(self, keys: Keys) -> MeasuredRow | None:
        """Returns the one row with these keys, or None.

        Raises:
            LookupError: if there is more than one.
        """
        found = [row for row in self.rows if matches(row.keys, keys)]
        if len(found) > 1:
            raise LookupError(f"{self.id} has {len(found)} measured rows with {words(keys)}")
        return found[0] if found else None

    def data_of(self, row: MeasuredRow) -> MeasuredData:
        """Returns the data of a row."""
        return row.data or self.data


@dataclass(frozen=True, kw_only=True)
class BrokenTable:
    """A file that should hold a measured table and does not."""

    id: str
    path: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """All that was measured: one table per id, and what could not be read."""

    tables: Mapping[str, MeasuredTable]
    broken: tuple[BrokenTable, ...] = ()

    def measures(self, system: str) -> list[MeasuredTable]:
        """Returns the tables of a system's quantities that the dissertation does not print."""
        return [table for table in self.tables.values() if is_measures(table.id) and table.system == system]


def is_measures(table_id: str) -> bool:
    """True if a table holds quantities that the dissertation does not print."""
    return table_id.startswith(MEASURES)


def collect(tables: Iterable[MeasuredTable], broken: Iterable[BrokenTable] = ()) -> Measured:
    """Returns the tables by id; of one that was measured at several scales the costliest."""
    ordered = sorted(tables, key=lambda table: SCALES.index(table.scale))
    return Measured(tables={table.id: table for table in ordered}, broken=tuple(broken))
