"""A report as files."""

import os
from pathlib import Path

from thesis.reporting.page.content import REPORT_FOLDER, Report
from thesis.reporting.page.html import report_page
from thesis.reporting.page.markdown import report_markdown


def write_report(report: Report) -> tuple[Path, Path]:
    """Writes ``report/index.html`` and ``report/report.md`` into the output folder; returns both paths."""
    folder = report.output_dir / REPORT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return (
        _write(folder / "index.html", report_page(report)),
        _write(folder / "report.md", report_markdown(report)),
    )


def _write(path: Path, text: str) -> Path:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
    return path
