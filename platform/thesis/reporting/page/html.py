"""A report as one HTML page that needs no other file: no network, no script, images inside.

The page is made by the templates next to this file; they read the plain values of a `Report` and of the modules here.
Everything that a template prints is escaped.
"""

import functools
import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment

from thesis.paper.explanations import LOOKS, MEANINGS, READING
from thesis.paper.verdicts import VERDICTS, Verdict
from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.html_templates import template_environment
from thesis.reporting.page import claim_comparisons, forest
from thesis.reporting.page.claims import claim_texts, counts_text
from thesis.reporting.page.content import REPORT_FOLDER, Report, SystemReport, count_verdicts
from thesis.reporting.page.costs import SPENT_COLUMNS, duration, hours, spent_texts, total_spent
from thesis.reporting.page.images import embed
from thesis.reporting.page.summary import changes_of, system_summaries
from thesis.reporting.page.tables import quantities_text, table_text

TITLE = "What was measured of the dissertation"
_PACKAGE = "thesis.reporting.page"
_SIGNS: dict[Verdict, str] = {"holds": "✓", "does not hold": "✗", "undecided": "?", "not run": "–"}


def report_page(report: Report) -> str:
    """Returns the page."""
    return _environment().get_template("page.html").render(
        title=TITLE,
        style=style_sheet(),
        report=report,
        counts=count_verdicts(report.verdicts),
        summaries=system_summaries(report),
        systems=[_system_values(system, report.output_dir) for system in report.systems],
        changes=changes_of(report),
        costed=[table for table in report.measured if table.spent is not None],
        total=total_spent(report.measured),
        relative=lambda path: _relative(path, report.output_dir),
    )  # fmt: skip


def style_sheet() -> str:
    """Returns the page's style."""
    return (files(_PACKAGE) / "templates" / "report.css").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    environment = template_environment(_PACKAGE)
    environment.filters |= {
        "slug": lambda name: name.replace(" ", "-"),
        "hours": hours,
        "duration": duration,
        "spent": spent_texts,
        "stem": lambda path: path.stem.replace("-", " "),
    }
    environment.globals |= {
        "VERDICTS": VERDICTS,
        "SIGNS": _SIGNS,
        "MEANINGS": MEANINGS,
        "READING": READING,
        "LOOKS": LOOKS,
        "NOTHING": NOTHING,
        "SPENT_COLUMNS": SPENT_COLUMNS,
        "COMPARISON_NUMBERS": claim_comparisons.NUMBERS,
        "BAR_WIDTH": forest.WIDTH,
        "BAR_HEIGHT": forest.HEIGHT,
    }
    return environment


def _system_values(system: SystemReport, output_dir: Path) -> dict[str, Any]:
    """Returns the values of the template ``system.html``."""
    claims = claim_texts(system)
    return {
        "report": system,
        "tables": [table_text(table) for table in system.tables],
        "quantities": [quantities_text(table) for table in system.measures],
        "images": {name: [embed(each) for each in pictures] for name, pictures in system.pictures.items()},
        "links": {name: _links(paths, output_dir) for name, paths in system.linked.items()},
        "forest": forest.forest_groups(system.verdicts),
        "counts_text": counts_text(system),
        "judged": [claim for claim in claims if claim.verdict != "not run"],
        "not_run": [claim for claim in claims if claim.verdict == "not run"],
    }


def _links(paths: Iterable[Path], output_dir: Path) -> list[tuple[str, str]]:
    return [(path.stem.replace("-", " "), _relative(path, output_dir)) for path in paths]


def _relative(path: Path, output_dir: Path) -> str:
    """Returns the address of a file as the page in its folder ``report`` reaches it."""
    folder = (output_dir / REPORT_FOLDER).resolve()
    return quote(os.path.relpath(path.resolve(), folder).replace(os.sep, "/"))
