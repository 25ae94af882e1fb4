"""The comparisons of a claim as a table: effect, spread, power, and the tests, each in its own column."""

from collections.abc import Mapping

from thesis.paper.evidence import Evidence
from thesis.paper.evidence_words import effect_words, needed_words, short
from thesis.paper.explanations import p_text
from thesis.paper.verdicts import ClaimVerdict, Finding
from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.page.html_elements import Html, element, joined
from thesis.results.keys import words
from thesis.results.measured_tables import MeasuredTable

MAX_FINDINGS = 60
_HEADS = (
    "comparison",
    "verdict alone",
    "effect and 95 % interval",
    "published",
    "sd",
    "detected in 80 %",
    "to detect a difference",
    "published size",
    "equal",
    "p",
    "p, Holm",
)
_TEXT = ("comparison", "verdict alone", "effect and 95 % interval")


def numbers_table(found: ClaimVerdict) -> Html:
    """Returns a row per comparison; what was not measured says why."""
    shown = found.findings[:MAX_FINDINGS]
    rows = [element("tr", *_row(finding)) for finding in shown]
    left_out = len(found.findings) - len(shown)
    if left_out:
        more = element("td", f"{left_out} more are not shown", colspan=len(_HEADS), class_="text")
        rows.append(element("tr", more))
    heads = [element("th", name, scope="col", class_="text" if name in _TEXT else None) for name in _HEADS]
    label = f"Comparisons of {found.claim.id}"
    table = element(
        "table",
        element("caption", element("span", label)),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)


def sources_list(found: ClaimVerdict, tables: Mapping[str, MeasuredTable]) -> Html:
    """Returns the tables that a claim was judged on: scale, data, seeds, commit and the command for each."""
    names = dict.fromkeys(name for finding in found.findings for name in finding.tables)
    items = [element("li", *_source(tables[name])) for name in names if name in tables]
    return element("ul", *items) if items else joined()


def _source(table: MeasuredTable) -> list[str]:
    words_ = [f"scale {table.scale}", str(table.data)]
    words_ += [f"seeds {', '.join(map(str, table.seeds))}"] if table.seeds else []
    commit = table.provenance.get("git.commit", "")
    words_ += [f"commit {commit[:12]}"] if commit else []
    link = element("a", table.id, href=f"#{table.id}")
    command = table.provenance.get("command", "")
    return [link, f": {'; '.join(words_)}", *(["; ", element("code", command)] if command else [])]


def _row(finding: Finding) -> list[Html]:
    cells = [
        element("th", words(finding.combination) or finding.text, scope="row", class_="text"),
        element("td", finding.verdict, class_="text"),
    ]
    if finding.evidence is None:
        return [*cells, element("td", finding.why, colspan=len(_HEADS) - len(cells), class_="text")]
    evidence = finding.evidence
    is_random = evidence.estimate.is_random
    numbers = [
        NOTHING if evidence.published is None else f"{evidence.published:.4g}",
        short(evidence.estimate.deviation) if is_random else NOTHING,
        NOTHING if evidence.detectable is None else short(evidence.detectable),
        _needed(evidence),
        _size(evidence),
        _equal(evidence),
        p_text(min(evidence.p_for, evidence.p_against)) if is_random else NOTHING,
        NOTHING if finding.p_adjusted is None or not is_random else p_text(finding.p_adjusted),
    ]
    return [
        *cells,
        element("td", effect_words(evidence), class_="text"),
        *(element("td", number) for number in numbers),
    ]


def _needed(evidence: Evidence) -> str:
    return needed_words(evidence).removeprefix("a difference ") or NOTHING


def _size(evidence: Evidence) -> str:
    if evidence.published is None or not evidence.is_order:
        return NOTHING
    return "excluded" if evidence.is_published_excluded else "possible"


def _equal(evidence: Evidence) -> str:
    if evidence.p_equivalence is None:
        return NOTHING
    answer = f"within ±{evidence.smallest_difference:g}" if evidence.is_equivalent else "not shown"
    return f"{answer}, p {p_text(evidence.p_equivalence)}"
