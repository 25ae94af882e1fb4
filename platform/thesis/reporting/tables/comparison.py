"""Printed tables beside measured ones, number by number."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scipy.stats import binomtest

from thesis.paper.reference import Column, Reference, Row, Table
from thesis.reporting.drawing.labels import NOTHING
from thesis.results.keys import Keys
from thesis.results.measured_tables import (
    EXACT,
    SEED,
    BrokenTable,
    Measured,
    MeasuredData,
    MeasuredRow,
    MeasuredTable,
    Samples,
)
from thesis.statistics.intervals import t_interval

Status = Literal["measured", "measured in part", "broken", "not run"]
SCALE_WORDS = {
    "smoke": "smoke (a trial of the machinery)",
    "small": "small",
    "paper": "paper (the text's own)",
}


@dataclass(frozen=True, kw_only=True)
class ComparedCell:
    """One number, printed and measured."""

    published: int | float | None
    is_absent: bool  # the page prints a dash
    is_bold: bool
    samples: Samples | None

    @property
    def difference(self) -> float | None:
        """Returns measured minus published, None where one is missing."""
        if self.samples is None or self.published is None:
            return None
        return self.samples.mean - float(self.published)

    def bounds(self, column: Column) -> tuple[float, float] | None:
        """Returns the ends of the 95 % interval; None for a single or an exact value.

        Student's t, or Wilson's where each image is right or wrong: t would give 17 of 17 no width.
        """
        if self.samples is None or len(self.samples.values) < 2:
            return None
        values = tuple(self.samples.values.values())
        whole = 100.0 if column.unit == "percent" else 1.0
        if self.samples.unit != SEED and set(values) <= {0.0, whole}:
            found = binomtest(round(sum(values) / whole), len(values)).proportion_ci(method="wilson")
            return whole * float(found.low), whole * float(found.high)
        interval = t_interval(values)
        return None if interval is None else (interval.low, interval.high)


@dataclass(frozen=True, kw_only=True)
class ComparedRow:
    """One row; one that the text does not print has no published numbers."""

    keys: Keys
    cells: Mapping[str, ComparedCell]
    data: MeasuredData | None  # where it differs from the table's
    is_printed: bool


@dataclass(frozen=True, kw_only=True)
class ComparedTable:
    """One printed table with what was measured of it."""

    table: Table
    rows: tuple[ComparedRow, ...]
    measured: MeasuredTable | None
    broken: tuple[BrokenTable, ...]

    @property
    def status(self) -> Status:
        """Returns how much of the table there is."""
        if self.measured is None:
            return "broken" if self.broken else "not run"
        wanted = [
            cell for row in self.rows for cell in row.cells.values() if row.is_printed and not cell.is_absent
        ]
        lacking = any(cell.samples is None for cell in wanted)
        return "measured in part" if lacking or self.measured.missing else "measured"

    @property
    def columns(self) -> tuple[Column, ...]:
        """Returns the printed columns."""
        return self.table.columns

    @property
    def unprinted_columns(self) -> tuple[str, ...]:
        """Returns columns that were measured and that the text does not print."""
        rows = self.measured.rows if self.measured else ()
        printed = {column.key for column in self.columns}
        return tuple(dict.fromkeys(key for row in rows for key in row.cells if key not in printed))


def compare_tables(reference: Reference, measured: Measured) -> list[ComparedTable]:
    """Returns every printed table beside its measured one, in the order of the text."""
    return [_compare(table, measured) for table in reference.tables.values()]


def format_number(value: float, column: Column) -> str:
    """Returns a measured number with the decimals of its column, thousands set apart."""
    return f"{value:,.{column.decimals}f}"


def format_published(cell: ComparedCell, column: Column) -> str:
    """Returns the published number, or a dash; of whole numbers no decimals, thousands set apart."""
    if cell.published is None:
        return NOTHING
    return f"{cell.published:,}" if isinstance(cell.published, int) else format_number(cell.published, column)


def format_difference(value: float, column: Column) -> str:
    """Returns a difference with its sign; one that rounds to zero has none."""
    text = f"{value:+,.{column.decimals}f}"
    return text[1:] if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def format_measured(cell: ComparedCell, column: Column) -> str:
    """Returns the mean with its 95 % interval: ± half its width, or both ends where they lie unevenly."""
    if cell.samples is None:
        return ""
    mean, bounds = cell.samples.mean, cell.bounds(column)
    if bounds is None:
        return format_number(mean, column)
    low, high = bounds
    if math.isclose(high - mean, mean - low, rel_tol=1e-6, abs_tol=1e-12):
        return f"{format_number(mean, column)} ± {format_number(high - mean, column)}"
    return f"{format_number(mean, column)} [{format_number(low, column)}, {format_number(high, column)}]"


def basis(table: MeasuredTable) -> str:
    """Returns what the numbers rest on: scale, data, seeds."""
    units = {cell.unit: len(cell.values) for row in table.rows for cell in row.cells.values()}
    counts = ", ".join(
        f"{count} {unit}{'s' * (count != 1)}" for unit, count in units.items() if unit != EXACT
    )
    same = "the text's own data" if table.data.is_published else "not the text's data"
    return f"scale {SCALE_WORDS[table.scale]}; {table.data} ({same}); {counts or 'exact'}"


def _compare(table: Table, measured: Measured) -> ComparedTable:
    found = measured.tables.get(table.id)
    rows = [_row(table, row, _measured_row(found, row.keys)) for row in table.rows]
    printed = [row.keys for row in table.rows]
    extra = [row for row in (found.rows if found else ()) if dict(row.keys) not in [dict(k) for k in printed]]
    rows += [_row(table, Row(keys=row.keys, values={}), row, is_printed=False) for row in extra]
    return ComparedTable(
        table=table,
        rows=tuple(rows),
        measured=found,
        broken=tuple(entry for entry in measured.broken if entry.id == table.id),
    )


def _measured_row(found: MeasuredTable | None, keys: Keys) -> MeasuredRow | None:
    rows = found.rows if found else ()
    return next((row for row in rows if dict(row.keys) == dict(keys)), None)


def _row(table: Table, row: Row, measured: MeasuredRow | None, *, is_printed: bool = True) -> ComparedRow:
    samples = measured.cells if measured else {}
    cells = {
        column.key: ComparedCell(
            published=row.values.get(column.key),
            is_absent=column.key in row.absent or not _has_part(column, row),
            is_bold=column.key in row.bold,
            samples=samples.get(column.key),
        )
        for column in table.columns
    }
    return ComparedRow(
        keys=row.keys, cells=cells, data=measured.data if measured else None, is_printed=is_printed
    )


def _has_part(column: Column, row: Row) -> bool:
    return not column.parts or row.keys.get("part") in column.parts
