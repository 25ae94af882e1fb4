"""Claims tested on measured tables: each holds, does not hold, is undecided or was not run.

Method, the same for every kind of claim: a comparison becomes one number (the difference of its two sides, or
the value that should lie near another) with a 95 % interval over the seeds, images or sentence pairs that its
cells share (`estimates`: the paired t test, generalised). What is asked of the interval depends on the kind:

- order, trend, property, example (``a > b``): it lies wholly on the claimed side of zero, or wholly on the other;
- value (``approx(a, b, tol)``, ``abs(a) <= tol``): it lies wholly within the tolerance, or wholly outside;
- equality (``a == b``): zero is the whole interval (counts), or lies outside it. Samples cannot prove it.

A claim over several combinations holds if each holds, and does not hold if one does not at the level that
Bonferroni's correction asks for that many; a claim of 60 combinations is not refuted by one unlucky interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from thesis.paper.bounds import BOUNDS
from thesis.paper.check_language import Comparison, combinations, comparisons
from thesis.paper.jackknife import CONFIDENCE, Estimate, Floats, TooFewSamplesError, estimate
from thesis.paper.loop_variables import loop_values
from thesis.paper.measured_numbers import (
    FoundCell,
    NotComparableError,
    NotMeasuredError,
    Replay,
    find_cells,
    group_names,
)
from thesis.paper.reference import Claim, Reference
from thesis.results.keys import words
from thesis.results.measured_tables import Measured

Verdict = Literal["holds", "does not hold", "undecided", "not run"]
VERDICTS: tuple[Verdict, ...] = ("holds", "does not hold", "undecided", "not run")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on one combination of a claim's loop variables."""

    combination: Mapping[str, Any]
    verdict: Verdict
    why: str
    is_refuted: bool = False  # also at the corrected level
    where: tuple[str, ...] = ()  # scale and data of what was compared
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClaimVerdict:
    """The verdict on a claim, with its reasons."""

    claim: Claim
    verdict: Verdict
    why: str
    findings: tuple[Finding, ...]

    @property
    def where(self) -> tuple[str, ...]:
        """Returns scale and data of everything that was compared."""
        return tuple(dict.fromkeys(place for finding in self.findings for place in finding.where))

    def count(self, verdict: Verdict) -> int:
        """Returns how many combinations have this verdict."""
        return sum(finding.verdict == verdict for finding in self.findings)


def judge_all(reference: Reference, measured: Measured) -> list[ClaimVerdict]:
    """Returns the verdict on every claim, in the order of the reference data."""
    return [judge(claim, reference, measured) for claim in reference.claims.values()]


def judge(claim: Claim, reference: Reference, measured: Measured) -> ClaimVerdict:
    """Returns the verdict on one claim."""
    if claim.check is None:
        why = "Reported of other work; nothing here measures it."
        return ClaimVerdict(claim=claim, verdict="not run", why=why, findings=())
    combos = combinations(loop_values(claim, reference, measured))
    confidence = 1 - (1 - CONFIDENCE) / max(len(combos), 1)
    findings = tuple(_finding(claim, combo, reference, measured, confidence) for combo in combos)
    verdict = _overall(findings)
    return ClaimVerdict(claim=claim, verdict=verdict, why=_reason(findings, verdict), findings=findings)


def decide(comparison: Comparison, interval: tuple[float, float]) -> Verdict:
    """Returns the verdict on one comparison whose value lies in the interval."""
    low, high = interval
    tolerance = float(comparison.tolerance)
    match comparison.test:
        case "positive":
            is_true, is_false = low > 0, high <= 0
        case "not negative":
            is_true, is_false = low >= 0, high < 0
        case "zero":
            is_true, is_false = low == 0 == high, low > 0 or high < 0
        case "within":
            is_true, is_false = -tolerance <= low and high <= tolerance, low > tolerance or high < -tolerance
        case "strictly within":
            is_true, is_false = -tolerance < low and high < tolerance, low >= tolerance or high <= -tolerance
    return "holds" if is_true else "does not hold" if is_false else "undecided"


def _finding(
    claim: Claim, combo: Mapping[str, Any], reference: Reference, measured: Measured, confidence: float
) -> Finding:
    check = claim.check or ""
    variables = {**BOUNDS, **combo}
    try:
        cells = find_cells(check, variables, system=claim.system, measured=measured, reference=reference)
    except NotMeasuredError as error:
        return Finding(combination=combo, verdict="not run", why=str(error.args[0]))
    except NotComparableError as error:
        return Finding(combination=combo, verdict="undecided", why=str(error))
    where = tuple(dict.fromkeys(f"{cell.table.scale}, {cell.data}" for cell in cells))
    tables = tuple(dict.fromkeys(cell.table.id for cell in cells))
    try:
        verdict, why, is_refuted = _weigh(check, variables, cells, reference, confidence)
    except TooFewSamplesError as error:
        return Finding(combination=combo, verdict="undecided", why=str(error), where=where, tables=tables)
    return Finding(
        combination=combo, verdict=verdict, why=why, is_refuted=is_refuted, where=where, tables=tables
    )


def _weigh(
    check: str,
    variables: Mapping[str, Any],
    cells: list[FoundCell],
    reference: Reference,
    confidence: float,
) -> tuple[Verdict, str, bool]:
    def replayed(means: list[Floats]) -> list[Comparison]:
        return comparisons(check, variables, Replay(reference, means))

    samples = [cell.samples for cell in cells]
    verdicts: list[tuple[Verdict, str, bool]] = []
    shown = replayed([np.array([cell.samples.mean]) for cell in cells])
    for index, comparison in enumerate(shown):
        found = estimate(samples, group_names(cells), lambda means, i=index: replayed(means)[i].value)  # type: ignore[misc]
        verdict = decide(comparison, found.interval())
        is_refuted = decide(comparison, found.interval(confidence)) == "does not hold"
        verdicts.append((verdict, _numbers(comparison, found), is_refuted))
    order: tuple[Verdict, ...] = ("does not hold", "undecided", "holds")
    return min(verdicts, key=lambda item: order.index(item[0]))


def _numbers(comparison: Comparison, found: Estimate) -> str:
    low, high = found.interval()
    if found.num_samples == 0:
        text = f"{found.value:.4g}, exact"
    else:
        text = f"{found.value:.4g} [{low:.4g}, {high:.4g}] over {found.num_samples} {found.unit}s"
    if "within" in comparison.test:
        return f"deviation {text}, allowed ±{float(comparison.tolerance):g}"
    return f"{'difference' if comparison.test == 'zero' else 'margin'} {text}"


def _overall(findings: tuple[Finding, ...]) -> Verdict:
    found = {finding.verdict for finding in findings}
    if any(finding.is_refuted for finding in findings):
        return "does not hold"
    if found == {"holds"}:
        return "holds"
    return "not run" if found <= {"not run"} else "undecided"


def _reason(findings: tuple[Finding, ...], verdict: Verdict) -> str:
    if len(findings) == 1:
        return _sentence(findings[0].why)
    counts = [(kind, sum(finding.verdict == kind for finding in findings)) for kind in VERDICTS]
    summary = ", ".join(_counted(kind, count) for kind, count in counts if count)
    if verdict == "holds":
        return _sentence(f"all {len(findings)} combinations hold")
    if verdict == "not run":
        return _sentence(findings[0].why)
    # What was not run tells nothing of why a claim is undecided.
    of_its_kind = [finding for finding in findings if finding.verdict == verdict]
    telling = next(
        (finding for finding in findings if finding.is_refuted),
        of_its_kind[0] if of_its_kind else next(each for each in findings if each.verdict != "holds"),
    )
    return _sentence(
        f"of {len(findings)} combinations: {summary}; e.g. {words(telling.combination)}: {telling.why}"
    )


def _counted(verdict: Verdict, count: int) -> str:
    plural = {"holds": "hold", "does not hold": "do not hold"}.get(verdict, verdict)
    return f"{count} {verdict if count == 1 else plural}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
