"""Findings made measured tables: the printed one, and one of the quantities that no table prints."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from thesis.paper.reference import read_reference
from thesis.results.findings import CellSamples, DataUsed, Findings, all_of
from thesis.results.measured_tables import MEASURES, MeasuredData, MeasuredRow, MeasuredTable, Samples, Spent

DIGEST = "thesis.digest"  # key of the provenance: what the table was made from


def measured_tables(
    findings: Findings,
    *,
    table: str,
    system: str,
    scale: str,
    provenance: Mapping[str, str],
    output_dir: Path,
    spent: Spent | None = None,
) -> list[MeasuredTable]:
    """Returns the table under its published id, then, if there are any, its quantities.

    Args:
        system: the name in the reference data, where the table is not one of those.
        spent: what it took; it stands at the first of the tables alone.
    """
    printed = read_reference().tables.get(table)
    owner = printed.system if printed is not None else system
    shared: dict[str, Any] = {
        "system": owner,
        "scale": scale,
        "data": _data(findings.data),
        "seeds": findings.seeds,
        "missing": findings.missing,
        "notes": findings.notes,
        "provenance": {**findings.provenance, **provenance},
        "links": findings.links,
    }
    quantities = [cell for cell in findings.cells if cell.is_quantity]
    own = [cell for cell in findings.cells if not cell.is_quantity]
    figures = tuple(os.path.relpath(path, output_dir) for path in findings.figures)
    tables = [MeasuredTable(id=table, rows=_rows(own, findings.data), figures=figures, spent=spent, **shared)]
    if quantities:
        name = f"{MEASURES}{owner}-{table}"
        tables.append(MeasuredTable(id=name, rows=_rows(quantities, findings.data), **shared))
    return tables


def _rows(cells: Iterable[CellSamples], common: DataUsed) -> tuple[MeasuredRow, ...]:
    grouped: dict[tuple[Any, ...], list[CellSamples]] = {}
    for cell in cells:
        grouped.setdefault(tuple(sorted(cell.row.items())), []).append(cell)
    return tuple(_row(same, common) for same in grouped.values())


def _row(cells: list[CellSamples], common: DataUsed) -> MeasuredRow:
    # A row whose columns are of several sets names them all.
    data = all_of([cell.data or common for cell in cells])
    return MeasuredRow(
        keys=cells[0].row,
        cells={cell.column: Samples(values=cell.values, unit=cell.unit) for cell in cells},
        data=None if data == common else _data(data),
    )


def _data(used: DataUsed) -> MeasuredData:
    return MeasuredData(
        name=used.name, version=used.version, digest=used.digest, is_published=used.is_published
    )
