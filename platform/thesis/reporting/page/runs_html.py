"""What the runs of an output folder took and how far they came, as HTML."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.page.content import REPORT_FOLDER, Report
from thesis.reporting.page.html_elements import Html, element, joined
from thesis.reporting.page.runs import RunReport
from thesis.results.measured_tables import NOTHING_SPENT, Spent

_SIGNS = {"complete": ("✓", "holds"), "unfinished": ("?", "undecided"), "broken": ("✗", "does-not-hold")}
_HOUR_S = 3600.0


def picture_links(paths: Iterable[Path], output_dir: Path) -> Html:
    """Returns links to pictures in the output folder, as the page in its folder ``report`` reaches them."""
    here = (output_dir / REPORT_FOLDER).resolve()
    links = []
    for path in paths:
        target = quote(os.path.relpath(path.resolve(), here).replace(os.sep, "/"))
        links.append(element("li", element("a", path.stem.replace("-", " "), href=target)))
    return element("ul", *links, class_="inline")


def costs_section(report: Report) -> Html:
    """Returns what each measured table took, and all of them together."""
    tables = [table for table in report.measured if table.spent is not None]
    rows = [_cost_row(table.id, table.scale, table.spent) for table in tables if table.spent is not None]
    spent = sum((table.spent for table in tables if table.spent is not None), NOTHING_SPENT)
    total = [
        element("th", "all", scope="row", class_="key"),
        element("td", ""),
        *(element("td", word) for word in spent_words(spent)),
    ]
    words = (
        "CPU core hours are the cores that trials held, busy or not. A trial that another table had run already"
        " counts there. Wall time is that of the command that finished the table."
    )
    heads = ("table", "scale", "trials", "of them there already", "CPU core hours", "wall time")
    nothing = element("p", "No measured table notes what it took.")
    grid = _grid("What the tables took", heads, [*rows, element("tr", *total, class_="total")], num_text=2)
    return element(
        "section",
        element("h2", "Cost", id="cost"),
        *([grid, element("p", words, class_="small soft")] if tables else [nothing]),
        aria_labelledby="cost",
    )


def _cost_row(table_id: str, scale: str, spent: Spent) -> Html:
    return element(
        "tr",
        element("th", element("a", table_id, href=f"#{table_id}"), scope="row", class_="key"),
        element("td", scale, class_="text"),
        *(element("td", word) for word in spent_words(spent)),
    )


def runs_section(report: Report) -> Html:
    """Returns every run of the output folder: its state, its trials, what it took and where its pictures are."""
    heads = ("run", "state", "trials ended", "failed", "CPU core hours", "wall time", "pictures")
    rows = [_run_row(run, report.output_dir) for run in report.runs]
    return element(
        "section",
        element("h2", "Runs", id="runs"),
        element("p", "What lies in the output folder, the latest first."),
        _grid("Runs in the output folder", heads, rows, num_text=2),
        aria_labelledby="runs",
    )


def _run_row(run: RunReport, output_dir: Path) -> Html:
    planned = "" if run.num_planned is None else f" of {run.num_planned}"
    began = "" if run.began is None else f"{run.began:%Y-%m-%d %H:%M} UTC"
    sign, look = _SIGNS[run.state]
    state = element(
        "span", element("span", sign, aria_hidden="true"), f" {run.state}", class_=f"badge {look}"
    )
    detail = [element("span", run.detail, class_="unit")] if run.detail else []
    return element(
        "tr",
        element("th", run.name, element("span", began, class_="unit"), scope="row", class_="key"),
        element("td", state, *detail, class_="text"),
        element("td", f"{run.num_ended}{planned}"),
        element("td", str(run.statuses.get("failed", 0))),
        element("td", hours(run.core_s) if run.num_planned is not None else NOTHING),
        element("td", duration(run.wall_s) if run.num_planned is not None else NOTHING),
        element("td", picture_links(run.pictures, output_dir) if run.pictures else NOTHING, class_="text"),
    )


def spent_words(spent: Spent) -> list[str]:
    """Returns trials, those of them that were there already, CPU core hours and wall time."""
    return [str(spent.num_trials), str(spent.num_reused), hours(spent.core_s), duration(spent.wall_s)]


def hours(seconds: float) -> str:
    """Returns seconds as hours with three significant digits."""
    return f"{seconds / _HOUR_S:.3g}"


def duration(seconds: float) -> str:
    """Returns seconds in the largest unit that suits them."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * _HOUR_S else f"{seconds / _HOUR_S:.1f} h"


def _grid(caption: str, heads: Sequence[str], rows: Iterable[Html], *, num_text: int) -> Html:
    cells = [
        element("th", head, scope="col", class_="text" if place < num_text or head == "pictures" else None)
        for place, head in enumerate(heads)
    ]
    table = element(
        "table",
        element("caption", element("span", caption)),
        element("thead", element("tr", *cells)),
        element("tbody", joined(*rows)),
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=caption)
