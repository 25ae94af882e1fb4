"""Claims tested on measured tables: each holds, does not hold, is undecided or was not run.

A claim is a list of comparisons: its check for each combination of its loop variables, chains and ``max`` of
rivals taken apart. Each becomes one number (the difference of its two sides, or the value that should lie near
another) with a 95 % interval over the seeds, images or sentence pairs that its cells share (`estimates`: the
paired t test, generalised). What is asked of the interval depends on the comparison:

- order, trend, property, example (``a > b``): it lies wholly on the claimed side of zero, or wholly on the other;
- value (``approx(a, b, tol)``, ``abs(a) <= tol``): it lies wholly within the tolerance, or wholly outside; against
  a printed number it is the prediction interval, since that number is one run;
- equality (``a == b``): zero is the whole interval (counts), or lies outside it. Samples cannot prove it.

A claim holds if every comparison that was measured does (no correction is due: each of the tests has to agree). It
does not hold if any comparison is refuted after Holm's correction for those that were measured. If there are at
least `MIN_FOR_MEAN` orders in one unit, their mean margin is tested too, each of the two tests with half of alpha:
if all margins were positive, so would be their mean. What could not be measured is not judged; `coverage` tells it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from thesis.paper.check_language import combinations, conjuncts
from thesis.paper.jackknife import CONFIDENCE, Estimate, Floats, TooFewSamplesError
from thesis.paper.judged_comparisons import (
    VERDICTS,
    Finding,
    JudgedComparison,
    Verdict,
    decide,
    estimate_cells,
    judge_comparison,
)
from thesis.paper.loop_variables import loop_values
from thesis.paper.multiplicity import false_discovery, holm
from thesis.paper.reference import Claim, Reference
from thesis.paper.verdict_reasons import reason
from thesis.results.measured_tables import Measured

__all__ = ["VERDICTS", "ClaimVerdict", "Finding", "Verdict", "decide", "judge", "judge_all"]
MIN_FOR_MEAN = 3  # orders; with fewer, half of alpha costs more than the mean margin brings
_ALPHA = 1 - CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class ClaimVerdict:
    """The verdict on a claim, with its reasons."""

    claim: Claim
    verdict: Verdict
    why: str
    findings: tuple[Finding, ...]
    mean_margin: Estimate | None = None  # over all orders, where there are several
    p_value: float | None = None  # of the claim being decided by chance; None where nothing was tested
    p_adjusted: float | None = None  # the same after Benjamini and Hochberg's correction over all claims

    @property
    def where(self) -> tuple[str, ...]:
        """Returns scale and data of everything that was compared."""
        return tuple(dict.fromkeys(place for finding in self.findings for place in finding.where))

    @property
    def coverage(self) -> tuple[int, int]:
        """Returns the number of comparisons were measured, of how many."""
        return len(self.findings) - self.count("not run"), len(self.findings)

    def count(self, verdict: Verdict) -> int:
        """Returns the number of comparisons have this verdict."""
        return sum(finding.verdict == verdict for finding in self.findings)


def judge_all(reference: Reference, measured: Measured) -> list[ClaimVerdict]:
    """Returns the verdict on every claim, in the order of the reference data, with p values for all together."""
    found = [judge(claim, reference, measured) for claim in reference.claims.values()]
    tested = [verdict.p_value for verdict in found if verdict.p_value is not None]
    adjusted = iter(false_discovery(tested))
    return [
        verdict if verdict.p_value is None else replace(verdict, p_adjusted=next(adjusted))
        for verdict in found
    ]


def judge(claim: Claim, reference: Reference, measured: Measured) -> ClaimVerdict:
    """Returns the verdict on one claim."""
    if claim.check is None:
        why = "Reported of other work; nothing here measures it."
        return ClaimVerdict(claim=claim, verdict="not run", why=why, findings=())
    made = [
        judge_comparison(claim, part, combination, reference, measured)
        for combination in combinations(loop_values(claim, reference, measured))
        for part in conjuncts(claim.check)
    ]
    orders = [each for each in made if each.finding.evidence and each.finding.evidence.is_order]
    # Only numbers of one unit have a mean.
    units = {each.finding.evidence.unit for each in orders if each.finding.evidence}
    is_mean_tested = len(orders) >= MIN_FOR_MEAN and len(units) == 1
    level = _ALPHA / 2 if is_mean_tested else _ALPHA
    findings = _corrected([each.finding for each in made], level)
    mean = _mean_margin(orders) if is_mean_tested else None
    p_mean = mean.tail(-mean.value) if mean else 1.0
    p_against = min([p_mean, *(f.p_adjusted for f in findings if f.is_tested and f.p_adjusted is not None)])
    is_refuted = p_mean <= level or any(finding.is_refuted for finding in findings)
    verdict = _overall(findings, is_refuted=is_refuted)
    return ClaimVerdict(
        claim=claim,
        verdict=verdict,
        why=reason(findings, verdict, mean),
        findings=findings,
        mean_margin=mean,
        p_value=_p_value(findings, p_against=min(1.0, p_against * _ALPHA / level)),
    )


def _mean_margin(orders: Sequence[JudgedComparison]) -> Estimate | None:
    """Returns the mean of the orders' margins; None where they share too few samples."""
    ends = np.cumsum([len(each.cells) for each in orders])

    def mean(means: list[Floats]) -> Floats:
        margins = [
            each.value(means[end - len(each.cells) : end]) for each, end in zip(orders, ends, strict=True)
        ]
        total: Floats = np.mean(np.broadcast_arrays(*margins), axis=0)
        return total

    try:
        found = estimate_cells([cell for each in orders for cell in each.cells], mean)
    except TooFewSamplesError:
        return None
    return found if found.is_random else None


def _corrected(findings: Sequence[Finding], level: float) -> tuple[Finding, ...]:
    """Returns the findings with Holm's correction over what was measured and has a sampling error.

    A comparison whose samples show no spread counts too: that it cannot be refuted was not known before.
    """
    is_counted = [bool(f.tables) and (f.evidence is None or f.is_tested) for f in findings]
    raw = [f.evidence.p_against if f.evidence else 1.0 for f in findings]
    adjusted = iter(holm([p for p, counts in zip(raw, is_counted, strict=True) if counts]))
    made = [next(adjusted) if counts else p for p, counts in zip(raw, is_counted, strict=True)]
    return tuple(
        finding if finding.evidence is None else replace(finding, p_adjusted=p, is_refuted=p <= level)
        for finding, p in zip(findings, made, strict=True)
    )


def _p_value(findings: Sequence[Finding], *, p_against: float) -> float | None:
    """Returns the level at which the claim is decided either way; None where no samples decide it."""
    tested = [finding.evidence for finding in findings if finding.is_tested and finding.evidence]
    if not tested:
        return None
    is_whole = all(finding.evidence is not None for finding in findings if finding.verdict != "not run")
    return min(p_against, max(evidence.p_for for evidence in tested) if is_whole else 1.0)


def _overall(findings: Sequence[Finding], *, is_refuted: bool) -> Verdict:
    found = {finding.verdict for finding in findings} - {"not run"}
    if is_refuted:
        return "does not hold"
    if not found:
        return "not run"
    return "holds" if found == {"holds"} else "undecided"
