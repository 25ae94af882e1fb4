"""A report as files."""

from pathlib import Path

from thesis.files import write_atomic
from thesis.reporting.page.content import REPORT_FOLDER, Report
from thesis.reporting.page.html import report_page
from thesis.reporting.page.markdown import report_markdown


def write_report(report: Report) -> tuple[Path, Path]:
    """Writes ``report/index.html`` and ``report/report.md`` into the output folder; returns both paths."""
    folder = report.output_dir / REPORT_FOLDER
    page, text = folder / "index.html", folder / "report.md"
    write_atomic(page, report_page(report))
    write_atomic(text, report_markdown(report))
    return page, text
