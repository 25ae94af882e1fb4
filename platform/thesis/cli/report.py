"""``thesis report``: published next to measured, with a verdict on every claim, as one page."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from thesis.cli.options import OutputDirOption, QuietOption
from thesis.results.measured_tables import SCALES
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    from thesis.reporting.page.content import Report


def report_command(
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
    scale: Annotated[
        str, typer.Option(help="Only tables of this scale; default: the costliest scale of each table.")
    ] = "",
    quiet: QuietOption = False,
) -> None:
    """Write a report: the dissertation's tables next to the measured ones, and a verdict on each of its claims.

    Reads the measured tables under OUTPUT_DIR/tables and runs nothing; missing ones are shown as not run.
    The page needs no network: open it in a browser, or read report.md next to it.
    """
    if scale not in ("", *SCALES):
        raise UserError(f"--scale must be one of {', '.join(SCALES)}, got {scale!r}")
    if output_dir.exists() and not output_dir.is_dir():
        raise UserError(f"--output-dir must be a folder, got {output_dir}")
    from thesis.reporting.page.content import gather
    from thesis.reporting.page.files import write_report

    report = gather(output_dir, scale=scale or None)
    page, markdown = write_report(report)
    if not quiet:
        _print_summary(report, Console())
    typer.echo(f"{page}\n{markdown}" if not quiet else str(page))


def _print_summary(report: "Report", console: Console) -> None:
    from thesis.paper.decisions import remaining
    from thesis.paper.verdicts import VERDICTS

    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
        title="Verdicts on the claims",
        title_justify="left",
    )
    table.add_column("system", no_wrap=True)
    for name in (*VERDICTS, "tables"):
        table.add_column(name, justify="right")
    for system in report.systems:
        done = sum(compared.status.startswith("measured") for compared in system.tables)
        counts = (str(system.counts[verdict]) for verdict in VERDICTS)
        table.add_row(system.name, *counts, f"{done} of {len(system.tables)}")
    console.print(table)
    for system in report.systems:
        if system.counts["undecided"]:
            rest = remaining(system.verdicts, system.measured_by_id).words
            console.print(f"{system.name}, to decide the undecided: {rest}", highlight=False, markup=False)
    for entry in report.broken:
        console.print(f"{entry.id} failed: {entry.path}: {entry.error}", highlight=False, markup=False)
