"""A report as one HTML page that needs nothing beside itself: no network, no script, pictures inside."""

from importlib.resources import files
from pathlib import Path

from thesis.paper.explanations import READING
from thesis.reporting.page.claims_html import claims_section, verdict_filter
from thesis.reporting.page.content import Report, SystemReport, count_verdicts
from thesis.reporting.page.decisions_html import changes_section, decisions_table, verdict_tiles
from thesis.reporting.page.forest_html import forest_plot
from thesis.reporting.page.html_elements import Html, element
from thesis.reporting.page.images import picture
from thesis.reporting.page.runs_html import costs_section, picture_links, runs_section
from thesis.reporting.page.tables_html import broken_notice, facts, measures_table, table_section

TITLE = "What was measured of the dissertation"


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
    links += [("#changes", "Changes"), ("#cost", "Cost")]
    links += [("#runs", "Runs")] if report.runs else []
    links.append(("#environment", "Environment"))
    items = (element("li", element("a", words, href=target)) for target, words in links)
    return element("nav", element("ul", *items), aria_label="Sections")


def _content(report: Report) -> list[Html]:
    return [
        _summary(report),
        *(_system(system, report.output_dir) for system in report.systems),
        changes_section(report),
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
    total = len(report.verdicts)
    return element(
        "section",
        element("h2", "Summary", id="summary"),
        element("p", f"Of {total} claims:"),
        verdict_tiles(report),
        *(broken_notice(entry) for entry in report.broken),
        *_unfinished(report),
        decisions_table(report),
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


def _system(system: SystemReport, output_dir: Path) -> Html:
    def pictures(name: str) -> list[Html]:
        shown = [picture(each) for each in system.pictures[name]]
        linked = system.linked.get(name, ())
        more = (
            [element("p", "More pictures of its run:"), picture_links(linked, output_dir)] if linked else []
        )
        return [*shown, *more]

    forest = forest_plot(system)
    shown = [table_section(table, pictures(table.table.id)) for table in system.tables]
    others = [measures_table(table, pictures(table.id)) for table in system.measures]
    return element(
        "section",
        element("h2", system.title, id=system.name),
        element("h3", "Tables"),
        *shown,
        *others,
        *([element("h3", "Claims at a glance"), forest] if forest is not None else []),
        claims_section(system),
        aria_labelledby=system.name,
    )
