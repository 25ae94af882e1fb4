"""The tables of a system in text, as the page shows them: measured numbers with the published ones below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thesis.paper.explanations import covered_words
from thesis.paper.reference import Column
from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.tables.comparison import (
    ComparedCell,
    ComparedRow,
    ComparedTable,
    basis,
    format_difference,
    format_measured,
    format_published,
)
from thesis.results.keys import words
from thesis.results.measured_tables import BrokenTable, MeasuredTable, is_measures
from thesis.statistics.intervals import t_interval
from thesis_workloads.registry import all_tables


@dataclass(frozen=True, kw_only=True)
class CellText:
    """One number: measured, published, and their difference where both are of the same data."""

    measured: str  # "not run" where only other numbers of the row were measured; empty where none was
    is_measured: bool
    published: str
    is_bold: bool


@dataclass(frozen=True, kw_only=True)
class RowText:
    """One row of a table."""

    keys: tuple[str, ...]
    note: str  # of a row that the dissertation does not print
    data_note: str  # the data that were measured, where it is not the same for the whole table; else empty
    cells: tuple[CellText, ...]


@dataclass(frozen=True, kw_only=True)
class TableText:
    """A printed table next to its measured one."""

    id: str
    name: str
    title: str
    status: str
    basis: str
    key_names: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[RowText, ...]  # those with a measured number
    rows_not_run: tuple[RowText, ...]
    deviations: tuple[str, ...]
    settings: Mapping[str, str]
    printed_notes: tuple[str, ...]
    measured: MeasuredTable | None
    broken: tuple[BrokenTable, ...]


@dataclass(frozen=True, kw_only=True)
class QuantityRow:
    """One measured number that no table prints."""

    quantity: str
    arguments: str
    value: str
    samples: str
    data: str


@dataclass(frozen=True, kw_only=True)
class QuantitiesText:
    """A measured table that the dissertation does not print."""

    id: str
    title: str
    basis: str
    rows: tuple[QuantityRow, ...]
    measured: MeasuredTable


def table_text(compared: ComparedTable) -> TableText:
    """Returns a printed table next to its measured one."""
    table = compared.table
    rows = [(row, _row_text(row, compared)) for row in compared.rows]
    return TableText(
        id=table.id,
        name=f"Table {table.id.removeprefix('table-')}",
        title=table.title,
        status=compared.status,
        basis=_basis(compared),
        key_names=tuple(key.replace("_", " ") for key in table.row_keys),
        columns=compared.columns,
        rows=tuple(text for row, text in rows if row.is_measured),
        rows_not_run=tuple(text for row, text in rows if not row.is_measured),
        deviations=_deviations(compared),
        settings={key.replace("_", " "): _setting(value) for key, value in table.settings.items()},
        printed_notes=table.notes,
        measured=compared.measured,
        broken=compared.broken,
    )


def quantities_text(table: MeasuredTable) -> QuantitiesText:
    """Returns a measured table that the dissertation does not print, a row per number."""
    declared = all_tables().get(table.id)
    title = "measured for the claims" if is_measures(table.id) or declared is None else declared.title
    return QuantitiesText(
        id=table.id,
        title=f"{table.id}: {title}",
        basis=f"{basis(table)}.",
        rows=tuple(
            QuantityRow(
                quantity=column.replace("_", " "),
                arguments=words(row.keys) or NOTHING,
                value=_mean_and_interval(tuple(cell.values.values())),
                samples=f"{len(cell.values)} {cell.unit}",
                data=str(table.data_of(row)),
            )
            for row in table.rows
            for column, cell in row.cells.items()
        ),
        measured=table,
    )


def _basis(compared: ComparedTable) -> str:
    if compared.measured is None:
        return "Only the published numbers are shown."
    return f"{compared.status.capitalize()}: {compared.basis}. {covered_words(compared.measured)}"


def _row_text(row: ComparedRow, compared: ComparedTable) -> RowText:
    names = compared.table.row_keys
    other = words({key: value for key, value in row.keys.items() if key not in names})
    return RowText(
        keys=tuple(str(row.keys.get(key, "")) for key in names),
        note="" if row.is_printed else f"{other} not in the dissertation".strip(),
        data_note=row.data_note,
        cells=tuple(_cell_text(row.cells[column.key], column, row) for column in compared.columns),
    )


def _cell_text(cell: ComparedCell, column: Column, row: ComparedRow) -> CellText:
    published = format_published(cell, column)
    if cell.difference is not None:
        published = f"{published} ({format_difference(cell.difference, column)})"
    if cell.samples is not None:
        measured = format_measured(cell, column)
    elif row.is_measured:
        measured = NOTHING if published == NOTHING else "not run"
    else:
        measured = ""
    return CellText(
        measured=measured,
        is_measured=cell.samples is not None,
        published=published,
        is_bold=cell.is_bold,
    )


def _deviations(compared: ComparedTable) -> tuple[str, ...]:
    notes = list(compared.measured.notes) if compared.measured else []
    if compared.unprinted_columns:
        notes.append(
            f"also measured, not printed in the dissertation: {', '.join(compared.unprinted_columns)}"
        )
    return tuple(notes)


def _setting(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _mean_and_interval(values: tuple[float, ...]) -> str:
    interval = t_interval(values)
    if interval is None:
        return NOTHING
    if interval.half_width is None:
        return f"{interval.mean:.4g}"
    return f"{interval.mean:.4g} ± {interval.half_width:.2g}"
