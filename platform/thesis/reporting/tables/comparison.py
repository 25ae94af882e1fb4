"""Printed tables next to measured ones, number by number."""

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

Status = Literal["measured", "measured in part", "failed", "not run"]
SCALE_WORDS = {
    "smoke": "smoke (a trial of the machinery)",
    "small": "small",
    "paper": "paper (the dissertation's own)",
}


@dataclass(frozen=True, kw_only=True)
class ComparedCell:
    """One number, printed and measured."""

    published: int | float | None
    is_absent: bool  # the page prints a dash
    is_bold: bool
    samples: Samples | None
    is_published_data: bool = True  # measured on the very data of the published number

    @property
    def difference(self) -> float | None:
        """Returns measured minus published; None where one is missing or they are numbers of different data."""
        if self.samples is None or self.published is None or not self.is_published_data:
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
            share = binomtest(round(sum(values) / whole), len(values)).proportion_ci(method="wilson")
            return whole * float(share.low), whole * float(share.high)
        interval = t_interval(values)
        return None if interval is None else (interval.low, interval.high)


@dataclass(frozen=True, kw_only=True)
class ComparedRow:
    """One row; one that the dissertation does not print has no published numbers."""

    keys: Keys
    cells: Mapping[str, ComparedCell]
    data_note: str  # the data that were measured, where it is not the same for the whole table; else empty
    is_printed: bool

    @property
    def is_measured(self) -> bool:
        """Returns True if any of its numbers was measured."""
        return any(cell.samples is not None for cell in self.cells.values())


@dataclass(frozen=True, kw_only=True)
class ComparedTable:
    """One printed table with what was measured of it."""

    table: Table
    rows: tuple[ComparedRow, ...]
    measured: MeasuredTable | None
    broken: tuple[BrokenTable, ...]

    @property
    def status(self) -> Status:
        """Returns the state of the table: measured, in part, failed or not run."""
        if self.measured is None:
            return "failed" if self.broken else "not run"
        wanted = [
            cell for row in self.rows for cell in row.cells.values() if row.is_printed and not cell.is_absent
        ]
        is_partial = any(cell.samples is None for cell in wanted) or bool(self.measured.missing)
        return "measured in part" if is_partial else "measured"

    @property
    def basis(self) -> str:
        """Returns scale, data and samples of the measured numbers; empty where there are none."""
        if self.measured is None:
            return ""
        names = [published_data(self.table, row.keys) for row in self.rows if row.is_measured]
        return basis(self.measured, ", ".join(dict.fromkeys(filter(None, names))))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Returns the printed columns."""
        return self.table.columns

    @property
    def unprinted_columns(self) -> tuple[str, ...]:
        """Returns columns that were measured and that the dissertation does not print."""
        rows = self.measured.rows if self.measured else ()
        printed = {column.key for column in self.columns}
        return tuple(dict.fromkeys(key for row in rows for key in row.cells if key not in printed))


def compare_tables(reference: Reference, measured: Measured) -> list[ComparedTable]:
    """Returns every printed table next to its measured one, in the order of the dissertation."""
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


def published_data(table: Table, keys: Keys) -> str:
    """Returns the dissertation's name for the data of a row; empty where it prints none."""
    names = {row.keys.get("dataset") for row in table.rows}
    name = keys.get("dataset")
    if name is None or name not in names:
        name = table.settings.get("dataset") or table.settings.get("image_source")
    return "" if name is None else str(name)


def data_text(data: MeasuredData, published: str) -> str:
    """Returns data and their relation to the dissertation's: ``27 photographs (stand-in for kodak)``."""
    if data.is_published:
        return f"{data} (the dissertation's own data)"
    return f"{data} (stand-in for {published})" if published else f"{data} (not the dissertation's data)"


def basis(table: MeasuredTable, published: str = "") -> str:
    """Returns scale, data and samples of a measured table.

    Args:
        published: the dissertation's name for the data; empty where it prints none.
    """
    units = {cell.unit: len(cell.values) for row in table.rows for cell in row.cells.values()}
    counts = ", ".join(
        f"{count} {unit}{'s' * (count != 1)}" for unit, count in units.items() if unit != EXACT
    )
    return f"scale {SCALE_WORDS[table.scale]}; {data_text(table.data, published)}; {counts or 'exact'}"


def _compare(table: Table, measured: Measured) -> ComparedTable:
    match = measured.tables.get(table.id)
    rows = [_row(table, row, match) for row in table.rows]
    printed = [dict(row.keys) for row in table.rows]
    extra = [row for row in (match.rows if match else ()) if dict(row.keys) not in printed]
    rows += [_row(table, Row(keys=row.keys, values={}), match, is_printed=False) for row in extra]
    return ComparedTable(
        table=table,
        rows=tuple(rows),
        measured=match,
        broken=tuple(entry for entry in measured.broken if entry.id == table.id),
    )


def _measured_row(measured: MeasuredTable | None, keys: Keys) -> MeasuredRow | None:
    rows = measured.rows if measured else ()
    return next((row for row in rows if dict(row.keys) == dict(keys)), None)


def _row(table: Table, row: Row, measured: MeasuredTable | None, *, is_printed: bool = True) -> ComparedRow:
    measured_row = _measured_row(measured, row.keys)
    samples = measured_row.cells if measured_row else {}
    data = measured.data_of(measured_row) if measured and measured_row else None
    cells = {
        column.key: ComparedCell(
            published=row.values.get(column.key),
            is_absent=column.key in row.absent or not _has_part(column, row),
            is_bold=column.key in row.bold,
            samples=samples.get(column.key),
            is_published_data=data is None or data.is_published,
        )
        for column in table.columns
    }
    # Where a row's key names its data, each row says which data stood in for them.
    is_noted = measured_row is not None and (measured_row.data is not None or "dataset" in row.keys)
    note = data_text(data, published_data(table, row.keys)) if data is not None and is_noted else ""
    return ComparedRow(keys=row.keys, cells=cells, data_note=note, is_printed=is_printed)


def _has_part(column: Column, row: Row) -> bool:
    return not column.parts or row.keys.get("part") in column.parts
