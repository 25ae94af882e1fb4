"""The first screen of a report: what is decided, which way, at what scale, and what the rest would take."""

from thesis.paper.decisions import num_in_part, num_lasting, remaining
from thesis.paper.explanations import LOOKS, MEANINGS
from thesis.paper.frozen import changed_claims
from thesis.paper.verdicts import VERDICTS
from thesis.reporting.page.claims_html import badge, slug
from thesis.reporting.page.content import Report, SystemReport, count_verdicts
from thesis.reporting.page.html_elements import Html, element, joined

_HEADS = (
    "system",
    *VERDICTS,
    "judged in part",
    "decided after correction over all",
    "at scale",
    "tables measured",
    "the undecided ones need, for differences as published (as measured where that is excluded)",
)
_TEXT = (_HEADS[0], _HEADS[7], _HEADS[-1])


def verdict_tiles(report: Report) -> Html:
    """Returns how many claims have each verdict, each with its meaning."""
    counts = count_verdicts(report.verdicts)
    tiles = [
        element(
            "li",
            element("strong", str(counts[name])),
            badge(name),
            element("span", MEANINGS[name], class_="meaning"),
            class_=slug(name),
        )
        for name in VERDICTS
    ]
    return element("ul", *tiles, class_="tiles")


def decisions_table(report: Report) -> Html:
    """Returns the verdicts per system with what deciding the rest would cost."""
    heads = [element("th", name, scope="col", class_="text" if name in _TEXT else None) for name in _HEADS]
    label = "Verdicts per system"
    table = element(
        "table",
        element("caption", element("span", label)),
        element("thead", element("tr", *heads)),
        element("tbody", *(_row(system) for system in report.systems)),
        class_="summary",
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)


def changes_section(report: Report) -> Html:
    """Returns which claims were changed after tables that they judge were first measured."""
    changes = changed_claims(report.measured, report.reference)
    noted = [table for table in report.measured if table.judged_by is not None]
    items = [
        element(
            "li",
            element("code", change.claim),
            f" was {change.kind} after {', '.join(change.tables)} {_was(change.tables)} first measured",
        )
        for change in changes
    ]
    without = len(report.measured) - len(noted)
    told = [f"{len(noted)} of {len(report.measured)} measured tables note the claims that judge them."]
    told += [f"{without} do not: they were measured before that was noted."] if without else []
    told += [] if changes or not noted else ["None of those claims was changed since."]
    return element(
        "section",
        element("h2", "Claims changed after the runs", id="changes"),
        element("p", " ".join(told)),
        *([element("ul", *items)] if items else []),
        *([element("p", LOOKS)] if any(table.is_sequential for table in report.measured) else []),
        aria_labelledby="changes",
    )


def _row(system: SystemReport) -> Html:
    done = sum(table.status.startswith("measured") for table in system.tables)
    tables = system.measured_by_id
    scales = sorted({table.scale for table in tables.values()})
    decided = system.counts["holds"] + system.counts["does not hold"]
    return element(
        "tr",
        element(
            "th", element("a", system.name, href=f"#{system.name}"), _bar(system), scope="row", class_="key"
        ),
        *(element("td", str(system.counts[name])) for name in VERDICTS),
        element("td", str(num_in_part(system.verdicts))),
        element("td", f"{num_lasting(system.verdicts)} of {decided}"),
        element("td", ", ".join(scales), class_="text"),
        element("td", f"{done} of {len(system.tables)}"),
        element("td", remaining(system.verdicts, tables).words, class_="text need"),
    )


def _bar(system: SystemReport) -> Html:
    parts = [
        element("span", class_=slug(name), style=f"flex:{count}")
        for name, count in system.counts.items()
        if count
    ]
    return element("div", joined(*parts), class_="bar", aria_hidden="true")


def _was(tables: tuple[str, ...]) -> str:
    return "was" if len(tables) == 1 else "were"
