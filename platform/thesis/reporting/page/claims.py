"""The claims of a system with their verdicts, in text, as the page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from thesis.paper.explanations import coverage_words, p_words
from thesis.paper.reference import Claim
from thesis.paper.verdicts import VERDICTS, ClaimVerdict, Verdict
from thesis.reporting.page.claim_comparisons import (
    MAX_COMPARISONS,
    Comparison,
    Source,
    comparisons_of,
    sources_of,
)
from thesis.reporting.page.content import SystemReport
from thesis.results.measured_tables import MeasuredTable

_PRINTED = {
    "holds": "the printed tables agree",
    "partly": "the printed tables agree in part",
    "fails": "the printed tables disagree",
    "unprinted": "the dissertation prints no numbers for it",
}


@dataclass(frozen=True, kw_only=True)
class ClaimText:
    """A claim and its verdict; ``comparisons`` and ``sources`` are empty where nothing was measured."""

    claim: Claim
    verdict: Verdict
    statement: str
    why: str
    tests: str  # coverage and p values
    origin: str
    comparisons: tuple[Comparison, ...]
    num_left_out: int  # comparisons beyond those shown
    sources: tuple[Source, ...]


def claim_texts(system: SystemReport) -> list[ClaimText]:
    """Returns the claims of a system in the order of `VERDICTS`, the decided ones first."""
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    ordered = sorted(system.verdicts, key=lambda judged: order[judged.verdict])
    return [_claim_text(judged, system.measured_by_id) for judged in ordered]


def counts_text(system: SystemReport) -> str:
    """Returns the number of claims with each verdict as a sentence."""
    counts = ", ".join(f"{name} {count}" for name, count in system.counts.items() if count)
    return f"{_capitalized(counts)}."


def _claim_text(judged: ClaimVerdict, tables: Mapping[str, MeasuredTable]) -> ClaimText:
    where = f" Measured at {'; '.join(judged.where)}." if judged.where else ""
    is_measured = any(finding.verdict != "not run" for finding in judged.findings)
    return ClaimText(
        claim=judged.claim,
        verdict=judged.verdict,
        statement=f"{_capitalized(judged.claim.statement)}.",
        why=f"{judged.why}{where}",
        tests="; ".join(filter(None, (coverage_words(judged), p_words(judged)))),
        origin=_origin(judged.claim),
        comparisons=tuple(comparisons_of(judged)) if is_measured else (),
        num_left_out=max(0, len(judged.findings) - MAX_COMPARISONS),
        sources=tuple(sources_of(judged, tables)) if is_measured else (),
    )


def _origin(claim: Claim) -> str:
    derived = "shown by a table, not stated in the dissertation; " if claim.is_derived else ""
    return f"{_capitalized(claim.source)}; {derived}{_PRINTED[claim.printed]}."


def _capitalized(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
