"""A report as Markdown: the same tables, claims and verdicts without images."""

from collections.abc import Sequence

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
from thesis.reporting.markdown_table import markdown_table
from thesis.reporting.page.content import Report, SystemReport, count_verdicts
from thesis.reporting.page.costs import SPENT_COLUMNS, spent_texts, total_spent
from thesis.reporting.page.html import TITLE
from thesis.reporting.tables.comparison import (
    ComparedCell,
    ComparedRow,
    ComparedTable,
    format_difference,
    format_measured,
    format_published,
)


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
    failures = [f"- **{entry.id} failed.** {entry.path}: {entry.error}" for entry in report.broken]
    looks = ["", LOOKS] if any(table.is_sequential for table in report.measured) else []
    return [
        *meanings,
        "",
        markdown_table(header, rows),
        "",
        READING,
        *looks,
        *_changes(report),
        *_unreported(report),
        "",
        *failures,
    ]


def _changes(report: Report) -> list[str]:
    changes = changed_claims(report.measured, report.reference)
    lines = [f"- {each.claim} was {each.kind} after {', '.join(each.tables)}" for each in changes]
    return ["", "Claims changed after the first run:", "", *lines] if lines else []


def _unreported(report: Report) -> list[str]:
    names = ", ".join(report.unreported)
    return ["", f"Systems with no table and no claim of their own here: {names}."] if names else []


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
            f"{compared.status.capitalize()}: {compared.basis}."
            " In each cell: measured ± 95 % interval (published, and the difference where both are of the same data)."
            f" {covered_words(measured)}"
        )
        lines += [f"Missing: {'; '.join(measured.missing)}."] if measured.missing else []
    lines += [f"**Failed:** {entry.path}: {entry.error}." for entry in compared.broken]
    header = [*table.row_keys, *(f"{column.label}, {column.unit}" for column in compared.columns)]
    rows = [
        [
            *_keys(row, table.row_keys),
            *(_cell(row.cells[column.key], compared, column.key) for column in compared.columns),
        ]
        for row in compared.rows
        if row.is_measured or measured is None
    ]
    if not rows:
        return lines
    num_left_out = len(compared.rows) - len(rows)
    last = ["", f"Rows not run: {num_left_out}."] if num_left_out else []
    return [*lines, "", markdown_table(header, rows), *last]


def _keys(row: ComparedRow, names: Sequence[str]) -> list[str]:
    keys = [str(row.keys.get(key, "")) for key in names]
    if row.data_note:
        place = names.index("dataset") if "dataset" in names else -1
        keys[place] = f"{keys[place]}: {row.data_note}"
    return keys


def _cell(cell: ComparedCell, compared: ComparedTable, key: str) -> str:
    column = compared.table.column(key)
    published = format_published(cell, column)
    if compared.measured is None:
        return published
    measured = format_measured(cell, column) or "not run"
    difference = "" if cell.difference is None else f", {format_difference(cell.difference, column)}"
    return NOTHING if cell.is_absent and cell.samples is None else f"{measured} ({published}{difference})"


def _claims(system: SystemReport) -> list[str]:
    decided = [judged for judged in system.verdicts if judged.verdict != "not run"]
    not_run = [judged.claim.id for judged in system.verdicts if judged.verdict == "not run"]
    lines = ["", "### Claims", ""]
    if decided:
        header = ["verdict", "claim", "why", "tests", "measured at"]
        lines.append(markdown_table(header, [_claim(judged) for judged in decided]))
    if not_run:
        lines += ["", f"Not run ({len(not_run)}): {', '.join(not_run)}."]
    return lines


def _claim(judged: ClaimVerdict) -> list[str]:
    tests = "; ".join(filter(None, (coverage_words(judged), p_words(judged)))) or NOTHING
    where = "; ".join(judged.where) or NOTHING
    return [f"**{judged.verdict}**", judged.claim.statement, judged.why, tests, where]


def _costs(report: Report) -> list[str]:
    spent = [(table, table.spent) for table in report.measured if table.spent is not None]
    if not spent:
        return []
    rows = [[table.id, table.scale, *spent_texts(each)] for table, each in spent]
    last = [f"**{cell}**" if cell else "" for cell in ("all", "", *spent_texts(total_spent(report.measured)))]
    header = ["table", "scale", *SPENT_COLUMNS]
    return ["", "## Cost", "", markdown_table(header, [*rows, last])]


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
    return ["", "## Runs", "", markdown_table(["run", "state", "trials ended", "note"], rows)] if rows else []
