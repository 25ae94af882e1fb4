"""A report as one HTML page that needs nothing beside itself: no network, no script, pictures inside."""

from importlib.resources import files
from pathlib import Path

from thesis.paper.verdicts import VERDICTS, Verdict
from thesis.reporting.page.claims_html import badge, claims_section, slug, verdict_filter
from thesis.reporting.page.content import Report, SystemReport, count_verdicts
from thesis.reporting.page.html_elements import Html, element
from thesis.reporting.page.images import picture
from thesis.reporting.page.runs_html import costs_section, picture_links, runs_section
from thesis.reporting.page.tables_html import broken_notice, facts, measures_table, table_section

TITLE = "What was measured of the dissertation"
READING = (
    "A claim holds or does not hold where a 95 % interval decides it: over seeds, images or sentence pairs that"
    " the compared numbers share, as in a paired t test. It is undecided where the interval leaves it open,"
    " where there is one seed only, or where numbers were taken at different scales or on different data."
    " The margin is by how much a comparison is true, in the unit of what is compared; below zero it is false."
    " Scale and data stand beside each verdict: a verdict is about those data, not about the text's own,"
    " unless it says so."
)


def report_page(report: Report) -> str:
    """Returns the page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", TITLE),
        element("style", Html((files("thesis.reporting") / "report.css").read_text(encoding="utf-8"))),
    )
    body = element(
        "body",
        element("a", "Skip to the content", href="#content", class_="skip"),
        _header(report),
        _navigation(report),
        element("main", *_content(report), id="content"),
        element(
            "footer",
            element("p", "Written by ", element("code", "thesis report"), ".", class_="soft small"),
        ),
    )
    return f'<!doctype html>\n<html lang="en">{head}{body}</html>\n'


def _header(report: Report) -> Html:
    source = report.reference.source
    when = report.created.strftime("%Y-%m-%d %H:%M UTC")
    return element(
        "header",
        element("h1", TITLE),
        element("p", f"{source['author']}: {source['title']}, {source['institution']}, {source['year']}."),
        element(
            "p", f"Tables and claims of the text beside what this project measured; {when}.", class_="soft"
        ),
    )


def _navigation(report: Report) -> Html:
    links = [("#summary", "Summary"), *((f"#{system.name}", system.name) for system in report.systems)]
    links += [("#cost", "Cost")]
    links += [("#runs", "Runs")] if report.runs else []
    links.append(("#environment", "Environment"))
    items = (element("li", element("a", words, href=target)) for target, words in links)
    return element("nav", element("ul", *items), aria_label="Sections")


def _content(report: Report) -> list[Html]:
    return [
        _summary(report),
        *(_system(system, report.output_dir) for system in report.systems),
        costs_section(report),
        *([runs_section(report)] if report.runs else []),
        element(
            "section",
            element("h2", "Environment", id="environment"),
            element("p", "Where this page was written; each measured table says where it was measured."),
            facts(report.environment),
            aria_labelledby="environment",
        ),
    ]


def _summary(report: Report) -> Html:
    counts = count_verdicts(report.verdicts)
    tiles = [
        element("li", element("strong", str(counts[name])), badge(name), class_=slug(name))
        for name in VERDICTS
    ]
    total = len(report.verdicts)
    return element(
        "section",
        element("h2", "Summary", id="summary"),
        element("p", f"Of {total} claims:"),
        element("ul", *tiles, class_="tiles"),
        *(broken_notice(entry) for entry in report.broken),
        *_unfinished(report),
        _summary_table(report),
        element("p", READING, class_="soft small"),
        verdict_filter(counts),
        aria_labelledby="summary",
    )


def _unfinished(report: Report) -> list[Html]:
    names = [run.name for run in report.runs if run.state != "complete"]
    if not names:
        return []
    link = element("a", "Runs", href="#runs")
    verb = "is" if len(names) == 1 else "are"
    told = f" {verb} unfinished or broken: {', '.join(names)}; see "
    return [
        element(
            "p",
            element("strong", f"{len(names)} of {len(report.runs)} runs"),
            told,
            link,
            ".",
            class_="notice",
        )
    ]


def _summary_table(report: Report) -> Html:
    header = ["system", *VERDICTS, "tables measured"]
    cells = [element("th", name, scope="col", class_="text" if name == "system" else None) for name in header]
    cells.append(element("th", element("span", "shares", class_="sr"), scope="col", class_="wide"))
    return element(
        "div",
        element(
            "table",
            element("caption", "Verdicts per system"),
            element("thead", element("tr", *cells)),
            element("tbody", *(_summary_row(system) for system in report.systems)),
            class_="summary",
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label="Verdicts per system",
    )


def _summary_row(system: SystemReport) -> Html:
    done = sum(table.status.startswith("measured") for table in system.tables)
    return element(
        "tr",
        element("th", element("a", system.name, href=f"#{system.name}"), scope="row", class_="key"),
        *(element("td", str(system.counts[name])) for name in VERDICTS),
        element("td", f"{done} of {len(system.tables)}"),
        element("td", _bar(system.counts), class_="wide"),
    )


def _bar(counts: dict[Verdict, int]) -> Html:
    parts = [
        element("span", class_=slug(name), style=f"flex:{count}") for name, count in counts.items() if count
    ]
    return element("div", *parts, class_="bar", aria_hidden="true")


def _system(system: SystemReport, output_dir: Path) -> Html:
    def pictures(name: str) -> list[Html]:
        shown = [picture(each) for each in system.pictures[name]]
        linked = system.linked.get(name, ())
        more = (
            [element("p", "More pictures of its run:"), picture_links(linked, output_dir)] if linked else []
        )
        return [*shown, *more]

    shown = [table_section(table, pictures(table.table.id)) for table in system.tables]
    others = [measures_table(table, pictures(table.id)) for table in system.measures]
    return element(
        "section",
        element("h2", system.title, id=system.name),
        element("h3", "Tables"),
        *shown,
        *others,
        claims_section(system),
        aria_labelledby=system.name,
    )
