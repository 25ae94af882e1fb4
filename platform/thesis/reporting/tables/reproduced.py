"""Reproduced tables: their measured files, and published next to measured numbers in the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table as Grid

from thesis.paper.explanations import coverage_words, covered_words, p_words
from thesis.paper.frozen import claims_judging, freeze, keep_first
from thesis.paper.reference import Column, read_reference
from thesis.paper.verdicts import ClaimVerdict, judge_all
from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.tables.comparison import (
    ComparedCell,
    ComparedTable,
    compare_tables,
    format_difference,
    format_measured,
    format_published,
)
from thesis.reporting.tables.measured_tables import DIGEST, measured_tables
from thesis.results.findings import Findings
from thesis.results.measured_tables import MEASURES, MeasuredTable, Spent
from thesis.results.table_files import (
    read_measured,
    read_measured_file,
    table_path,
    write_broken,
    write_measured,
)
from thesis.statistics.intervals import t_interval
from thesis.tracking.provenance import provenance_tags

_GAP = 3  # between columns
_MIN_WIDTH = 90  # a narrower table would fold its caption into many lines


def keep_findings(
    findings: Findings,
    *,
    table: str,
    system: str,
    scale: str,
    digest: str,
    provenance: Mapping[str, str],
    output_dir: Path,
    spent: Spent,
) -> list[MeasuredTable]:
    """Writes the measured tables of some findings; with an empty ``digest`` they are measured again next time.

    With them go the claims that judge them: those of the first run, if the table was measured before.
    """
    marks = {DIGEST: digest} if digest else {}
    tables = measured_tables(
        findings,
        table=table,
        system=system,
        scale=scale,
        provenance={**provenance_tags(), **provenance, **marks},
        output_dir=output_dir.resolve(),
        spent=spent,
    )
    return [_write_frozen(each, output_dir) for each in tables]


def _write_frozen(table: MeasuredTable, output_dir: Path) -> MeasuredTable:
    try:
        before = read_measured_file(table_path(output_dir, table=table.id, scale=table.scale))
    except (ValueError, OSError):
        before = None
    commit = table.provenance.get("git.commit", "")
    now = freeze(claims_judging(table.id, table.system, read_reference()), commit=commit)
    frozen = replace(
        table,
        judged_by=keep_first(before.judged_by if before else None, now),
        is_sequential=before is not None and before.is_sequential,
    )
    write_measured(frozen, output_dir)
    return frozen


def mark_sequential(output_dir: Path, *, table: str, scale: str) -> None:
    """Marks a table and its quantities as judged before their last seed; the mark stays when seeds are added."""
    for each in read_measured(output_dir, scale=scale).tables.values():
        is_own = each.id == table or each.id == f"{MEASURES}{each.system}-{table}"
        if is_own and not each.is_sequential:
            write_measured(replace(each, is_sequential=True), output_dir)


def keep_failure(output_dir: Path, *, table: str, scale: str, error: str) -> None:
    """Records that a table could not be measured; the report shows it as failed."""
    write_broken(output_dir, table=table, scale=scale, error=error)


def is_current(output_dir: Path, *, table: str, scale: str, digest: str) -> bool:
    """Returns True if the measured table exists, whole, and of the same configuration, data and code."""
    try:
        measured = read_measured_file(table_path(output_dir, table=table, scale=scale))
    except (ValueError, OSError):
        return False
    return measured.provenance.get(DIGEST) == digest


def find_comparison(output_dir: Path, *, table: str, scale: str) -> ComparedTable | None:
    """Returns the printed table next to the measured one; None where the dissertation prints none of that id."""
    measured = read_measured(output_dir, scale=scale)
    tables = compare_tables(read_reference(), measured)
    return next((each for each in tables if each.table.id == table), None)


def measured_table(output_dir: Path, *, table: str, scale: str) -> MeasuredTable | None:
    """Returns one measured table."""
    return read_measured(output_dir, scale=scale).tables.get(table)


def affected_claims(output_dir: Path, *, table: str, scale: str) -> list[ClaimVerdict]:
    """Returns the verdicts on the claims that were judged on a table or on its quantities."""
    verdicts = judge_all(read_reference(), read_measured(output_dir, scale=scale))
    return [
        verdict
        for verdict in verdicts
        if any(name == table or name.endswith(f"-{table}") for f in verdict.findings for name in f.tables)
    ]


def comparison_grids(comparison: ComparedTable, *, width: int) -> list[Grid]:
    """Returns published -> measured (difference), in the layout of the printed table.

    A table that is wider than ``width`` characters, each word on a line of its own, becomes several with as
    many columns each.
    """
    assert comparison.measured is not None
    keys = [
        [key, *(str(row.keys.get(key, NOTHING)) for row in comparison.rows)]
        for key in comparison.table.row_keys
    ]
    columns = [
        [
            f"{column.label}, {column.unit}",
            *(_cell_text(row.cells[column.key], column) for row in comparison.rows),
        ]
        for column in comparison.columns
        if any(row.cells[column.key].samples is not None for row in comparison.rows)
    ]
    room = max(width - sum(map(_narrowest, keys)), 1)
    num_grids = min(-(-sum(map(_narrowest, columns)) // room), len(columns))
    size = -(-len(columns) // max(num_grids, 1))
    grids = [_grid(keys, columns[start : start + size]) for start in range(0, len(columns), size)]
    differences = [cell.difference for row in comparison.rows for cell in row.cells.values()]
    has_difference = any(difference is not None for difference in differences)
    heading = f"Published -> measured ± half the 95 % interval{' (difference)' if has_difference else ''}"
    grids[-1].caption = f"{heading}. {comparison.basis}. {covered_words(comparison.measured)}"
    return grids


def _grid(keys: Sequence[Sequence[str]], columns: Sequence[Sequence[str]]) -> Grid:
    grid = Grid(box=SIMPLE_HEAD, caption_justify="left", pad_edge=False, min_width=_MIN_WIDTH)
    for name, *texts in keys:
        grid.add_column(name, overflow="fold", min_width=max(map(len, (name, *texts))))
    for name, *_ in columns:
        grid.add_column(name, justify="right")
    for row in zip(*(each[1:] for each in (*keys, *columns)), strict=True):
        grid.add_row(*map(escape, row))
    return grid


def _cell_text(cell: ComparedCell, column: Column) -> str:
    text = format_published(cell, column)
    if cell.samples is not None:
        text += f" -> {format_measured(cell, column)}"
        if cell.difference is not None:
            text += f" ({format_difference(cell.difference, column)})"
    return text


def _narrowest(texts: Sequence[str]) -> int:
    return _GAP + max(len(word) for text in texts for word in text.split())


def measured_grid(table: MeasuredTable) -> Grid:
    """Returns the measured numbers of a figure, of which the dissertation prints none."""
    columns = list(dict.fromkeys(name for row in table.rows for name in row.cells))
    keys = list(dict.fromkeys(key for row in table.rows for key in row.keys))
    grid = Grid(box=SIMPLE_HEAD, pad_edge=False)
    for name in (*keys, *columns):
        grid.add_column(name, justify="left" if name in keys else "right")
    for row in table.rows:
        cells = []
        for name in columns:
            samples = row.cells.get(name)
            is_spread = samples is not None and len(samples.values) > 1
            interval = t_interval(tuple(samples.values.values())) if samples and is_spread else None
            text = NOTHING if samples is None else f"{samples.mean:.4g}"
            cells.append(text if interval is None else f"{text} ± {(interval.high - interval.low) / 2:.2g}")
        grid.add_row(*(escape(str(row.keys.get(key, NOTHING))) for key in keys), *cells)
    return grid


def verdict_line(verdict: ClaimVerdict) -> str:
    """Returns a claim with its verdict, the reason and the data."""
    where = "; ".join(verdict.where)
    tests = "; ".join(filter(None, (coverage_words(verdict), p_words(verdict), verdict.claim.id, where)))
    return f"{verdict.verdict}: {verdict.claim.statement}. {verdict.why} [{tests}]"
