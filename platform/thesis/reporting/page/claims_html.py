"""Claims and their verdicts as HTML."""

from collections.abc import Mapping

from thesis.paper.explanations import coverage_words, p_words
from thesis.paper.verdicts import VERDICTS, ClaimVerdict, Verdict
from thesis.reporting.page.claim_numbers_html import numbers_table, sources_list
from thesis.reporting.page.content import SystemReport
from thesis.reporting.page.html_elements import Html, element
from thesis.results.measured_tables import MeasuredTable

_SIGNS: dict[Verdict, str] = {"holds": "✓", "does not hold": "✗", "undecided": "?", "not run": "–"}
_PRINTED = {
    "holds": "the printed tables agree",
    "partly": "the printed tables agree in part",
    "fails": "the printed tables disagree",
    "unprinted": "the text prints no numbers for it",
}


def slug(verdict: Verdict) -> str:
    """Returns the verdict as a class name."""
    return verdict.replace(" ", "-")


def badge(verdict: Verdict) -> Html:
    """Returns the verdict with a sign; neither needs its colour."""
    return element(
        "span",
        element("span", _SIGNS[verdict], aria_hidden="true"),
        f" {verdict}",
        class_=f"badge {slug(verdict)}",
    )


def verdict_filter(counts: Mapping[Verdict, int]) -> Html:
    """Returns the choice of which claims the page shows; it works by style alone."""
    choices = [("all", "all", sum(counts.values()))]
    choices += [(slug(verdict), verdict, counts[verdict]) for verdict in VERDICTS]
    inputs = [
        element(
            "label",
            element("input", type="radio", name="show", id=f"show-{name}", checked=name == "all"),
            f" {shown} ({count})",
        )
        for name, shown, count in choices
    ]
    return element("fieldset", element("legend", "Show claims"), *inputs, class_="filter")


def claims_section(system: SystemReport) -> Html:
    """Returns the claims of a system, the decided ones first."""
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    ordered = sorted(system.verdicts, key=lambda found: order[found.verdict])
    counts = ", ".join(f"{name} {count}" for name, count in system.counts.items() if count)
    return element(
        "div",
        element("h3", "Claims"),
        element("p", f"{counts[:1].upper()}{counts[1:]}.", class_="soft"),
        element("ul", *(_claim(found, system.measured_by_id) for found in ordered), class_="claims"),
    )


def _claim(found: ClaimVerdict, tables: Mapping[str, MeasuredTable]) -> Html:
    is_run = found.verdict != "not run"
    return element(
        "li",
        element("p", badge(found.verdict)),
        element("div", *(_told(found, tables) if is_run else [_folded(found)])),
        id=found.claim.id,
        data_verdict=slug(found.verdict),
    )


def _told(found: ClaimVerdict, tables: Mapping[str, MeasuredTable]) -> list[Html]:
    where = f" Measured at {'; '.join(found.where)}." if found.where else ""
    title = element("span", f" of: {found.claim.statement}", class_="sr")
    return [
        element("p", _statement(found)),
        element("p", f"{found.why}{where}", class_="small"),
        element("p", "; ".join(filter(None, (coverage_words(found), p_words(found)))), class_="small soft"),
        element("p", _origin(found), class_="small soft"),
        element(
            "details",
            element("summary", "Numbers and check", title),
            *_details(found),
            sources_list(found, tables),
            class_="small",
        ),
    ]


def _folded(found: ClaimVerdict) -> Html:
    """Returns one line for what was not run: most claims, until much has been run."""
    more = [element("p", found.why), element("p", _origin(found), class_="soft")]
    return element(
        "details",
        element("summary", _statement(found)),
        element("div", *more, *_details(found), class_="small"),
    )


def _statement(found: ClaimVerdict) -> str:
    return f"{found.claim.statement[:1].upper()}{found.claim.statement[1:]}."


def _origin(found: ClaimVerdict) -> str:
    origin = "shown by a table, not said in the text; " if found.claim.is_derived else ""
    source = found.claim.source
    return f"{source[:1].upper()}{source[1:]}; {origin}{_PRINTED[found.claim.printed]}."


def _details(found: ClaimVerdict) -> list[Html]:
    claim = found.claim
    inside = [element("p", element("code", claim.id))]
    if claim.check is not None:
        inside.append(element("p", "Checked: ", element("code", claim.check)))
    if claim.note:
        inside.append(element("p", f"Note: {claim.note}."))
    if any(finding.verdict != "not run" for finding in found.findings):
        inside.append(numbers_table(found))
    return inside
