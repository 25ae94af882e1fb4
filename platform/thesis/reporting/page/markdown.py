"""A report as Markdown: the same tables, claims and verdicts without pictures."""

from thesis.paper.decisions import num_in_part, num_lasting, remaining
from thesis.paper.explanations import (
    LOOKS,
    MEANINGS,
    READING,
    coverage_words,
    covered_words,
    p_words,
)
from thesis.paper.frozen import changed_claims
from thesis.paper.verdicts import VERDICTS, ClaimVerdict
from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.page.content import Report, SystemReport, count_verdicts
from thesis.reporting.page.html import TITLE
from thesis.reporting.page.runs_html import spent_words
from thesis.reporting.tables.comparison import (
    ComparedCell,
    ComparedTable,
    basis,
    format_difference,
    format_measured,
    format_published,
)
from thesis.results.measured_tables import NOTHING_SPENT

_PIPE = "\\|"


def report_markdown(report: Report) -> str:
    """Returns the report."""
    lines = [f"# {TITLE}", "", f"{report.created:%Y-%m-%d %H:%M} UTC.", "", *_summary(report)]
    for system in report.systems:
        lines += ["", f"## {system.title}", *_tables(system), *_claims(system)]
    lines += _costs(report) + _runs(report)
    lines += ["", "## Environment", "", *(f"- {key}: {value}" for key, value in report.environment.items())]
    return "\n".join([*lines, ""])


def _summary(report: Report) -> list[str]:
    rows = [
        [
            system.name,
            *(str(system.counts[name]) for name in VERDICTS),
            str(num_in_part(system.verdicts)),
            str(num_lasting(system.verdicts)),
            remaining(system.verdicts, system.measured_by_id).words,
        ]
        for system in report.systems
    ]
    counts = count_verdicts(report.verdicts)
    rows.append(["**all**", *(f"**{counts[name]}**" for name in VERDICTS), "", "", ""])
    header = ["system", *VERDICTS, "judged in part", "decided after correction", "the undecided ones need"]
    meanings = [f"- **{name}**: {meaning}." for name, meaning in MEANINGS.items()]
    broken = [f"- **{entry.id} is broken.** {entry.path}: {entry.error}" for entry in report.broken]
    looks = [LOOKS] if any(table.is_sequential for table in report.measured) else []
    return [*meanings, "", *_grid(header, rows), "", READING, *looks, *_changes(report), *broken]


def _changes(report: Report) -> list[str]:
    changes = changed_claims(report.measured, report.reference)
    lines = [f"- {each.claim} was {each.kind} after {', '.join(each.tables)}" for each in changes]
    return ["", "Claims changed after the first run:", "", *lines] if lines else []


def _tables(system: SystemReport) -> list[str]:
    lines: list[str] = []
    not_run = [table.table.id for table in system.tables if table.status == "not run"]
    for compared in system.tables:
        if compared.status != "not run":
            lines += _table(compared)
    if not_run:
        lines += ["", f"Not run: {', '.join(not_run)}."]
    return lines


def _table(compared: ComparedTable) -> list[str]:
    table, measured = compared.table, compared.measured
    lines = ["", f"### {table.id}: {table.title}", "", f"{compared.status.capitalize()}."]
    if measured is not None:
        lines[-1] = (
            f"{compared.status.capitalize()}: {basis(measured)}."
            f" In each cell: measured ± 95 % interval (published, difference). {covered_words(measured)}"
        )
        lines += [f"Missing: {'; '.join(measured.missing)}."] if measured.missing else []
    lines += [f"**Broken:** {entry.path}: {entry.error}." for entry in compared.broken]
    header = [*table.row_keys, *(f"{column.label}, {column.unit}" for column in compared.columns)]
    rows = [
        [
            *(str(row.keys.get(key, "")) for key in table.row_keys),
            *(_cell(row.cells[column.key], compared, column.key) for column in compared.columns),
        ]
        for row in compared.rows
    ]
    return [*lines, "", *_grid(header, rows)]


def _cell(cell: ComparedCell, compared: ComparedTable, key: str) -> str:
    column = compared.table.column(key)
    published = format_published(cell, column)
    if compared.measured is None:
        return published
    measured = format_measured(cell, column) or "not run"
    difference = "" if cell.difference is None else f", {format_difference(cell.difference, column)}"
    return NOTHING if cell.is_absent and cell.samples is None else f"{measured} ({published}{difference})"


def _claims(system: SystemReport) -> list[str]:
    decided = [found for found in system.verdicts if found.verdict != "not run"]
    not_run = [found.claim.id for found in system.verdicts if found.verdict == "not run"]
    lines = ["", "### Claims", ""]
    if decided:
        header = ["verdict", "claim", "why", "tests", "measured at"]
        lines += _grid(header, [_claim(found) for found in decided])
    if not_run:
        lines += ["", f"Not run ({len(not_run)}): {', '.join(not_run)}."]
    return lines


def _claim(found: ClaimVerdict) -> list[str]:
    tests = "; ".join(filter(None, (coverage_words(found), p_words(found)))) or NOTHING
    where = "; ".join(found.where) or NOTHING
    return [f"**{found.verdict}**", found.claim.statement, found.why, tests, where]


def _costs(report: Report) -> list[str]:
    spent = [(table, table.spent) for table in report.measured if table.spent is not None]
    if not spent:
        return []
    total = sum((each for _, each in spent), NOTHING_SPENT)
    rows = [[table.id, table.scale, *spent_words(each)] for table, each in spent]
    last = [f"**{cell}**" if cell else "" for cell in ("all", "", *spent_words(total))]
    header = ["table", "scale", "trials", "there already", "CPU core hours", "wall time"]
    return ["", "## Cost", "", *_grid(header, [*rows, last])]


def _runs(report: Report) -> list[str]:
    rows = [
        [
            run.name,
            f"**{run.state}**" if run.state != "complete" else run.state,
            f"{run.num_ended}" if run.num_planned is None else f"{run.num_ended} of {run.num_planned}",
            run.detail,
        ]
        for run in report.runs
    ]
    return ["", "## Runs", "", *_grid(["run", "state", "trials ended", "note"], rows)] if rows else []


def _grid(header: list[str], rows: list[list[str]]) -> list[str]:
    def line(cells: list[str]) -> str:
        return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"

    return [line(header), f"|{'|'.join('---' for _ in header)}|", *(line(row) for row in rows)]
