"""The comparisons of a claim, a row each: effect, spread, power and tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from thesis.paper.evidence import Evidence
from thesis.paper.evidence_words import effect_words, needed_words, short
from thesis.paper.explanations import p_text
from thesis.paper.verdicts import ClaimVerdict, Finding, Verdict
from thesis.reporting.drawing.labels import NOTHING
from thesis.results.keys import words
from thesis.results.measured_tables import MeasuredTable

MAX_COMPARISONS = 60  # shown of one claim
# Names of `Comparison.numbers`.
NUMBERS = (
    "published",
    "sd",
    "detected in 80 %",
    "to detect a difference",
    "published size",
    "equal",
    "p",
    "p, Holm",
)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One comparison of a claim, in text; ``numbers`` is empty where nothing was measured."""

    name: str
    verdict: Verdict
    why: str
    effect: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A measured table that a claim was judged on."""

    table: str
    text: str  # scale, data, seeds and commit
    command: str  # empty where it was not recorded


def comparisons_of(judged: ClaimVerdict) -> list[Comparison]:
    """Returns the comparisons of a claim, at most `MAX_COMPARISONS`."""
    return [_comparison(finding) for finding in judged.findings[:MAX_COMPARISONS]]


def sources_of(judged: ClaimVerdict, tables: Mapping[str, MeasuredTable]) -> list[Source]:
    """Returns the measured tables that a claim was judged on."""
    names = dict.fromkeys(name for finding in judged.findings for name in finding.tables)
    return [_source(tables[name]) for name in names if name in tables]


def _source(table: MeasuredTable) -> Source:
    parts = [f"scale {table.scale}", str(table.data)]
    parts += [f"seeds {', '.join(map(str, table.seeds))}"] if table.seeds else []
    commit = table.provenance.get("git.commit", "")
    parts += [f"commit {commit[:12]}"] if commit else []
    return Source(table=table.id, text="; ".join(parts), command=table.provenance.get("command", ""))


def _comparison(finding: Finding) -> Comparison:
    name = words(finding.combination) or finding.text
    evidence = finding.evidence
    if evidence is None:
        return Comparison(name=name, verdict=finding.verdict, why=finding.why)
    is_random = evidence.estimate.is_random
    numbers = (
        NOTHING if evidence.published is None else f"{evidence.published:.4g}",
        short(evidence.estimate.deviation) if is_random else NOTHING,
        NOTHING if evidence.detectable is None else short(evidence.detectable),
        needed_words(evidence).removeprefix("a difference ") or NOTHING,
        _published_size(evidence),
        _equivalence(evidence),
        p_text(min(evidence.p_for, evidence.p_against)) if is_random else NOTHING,
        NOTHING if finding.p_adjusted is None or not is_random else p_text(finding.p_adjusted),
    )
    return Comparison(
        name=name, verdict=finding.verdict, why=finding.why, effect=effect_words(evidence), numbers=numbers
    )


def _published_size(evidence: Evidence) -> str:
    if evidence.published is None or not evidence.is_order:
        return NOTHING
    return "excluded" if evidence.is_published_excluded else "possible"


def _equivalence(evidence: Evidence) -> str:
    if evidence.p_equivalence is None:
        return NOTHING
    answer = f"within ±{evidence.smallest_difference:g}" if evidence.is_equivalent else "not shown"
    return f"{answer}, p {p_text(evidence.p_equivalence)}"
