"""One comparison of a claim, judged by itself on what was measured."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from thesis.paper.bounds import BOUNDS
from thesis.paper.check_language import Comparison, compare, text_of
from thesis.paper.evidence import Evidence, unit_of
from thesis.paper.evidence_words import evidence_words
from thesis.paper.jackknife import Estimate, Expression, Floats, TooFewSamplesError, estimate
from thesis.paper.measured_numbers import (
    FoundCell,
    NotComparableError,
    NotMeasuredError,
    Replay,
    find_cells,
    group_names,
)
from thesis.paper.printed_numbers import PrintedNumbers
from thesis.paper.reference import Claim, Reference
from thesis.results.measured_tables import Measured

Verdict = Literal["holds", "does not hold", "undecided", "not run"]
VERDICTS: tuple[Verdict, ...] = ("holds", "does not hold", "undecided", "not run")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on one comparison of a claim."""

    combination: Mapping[str, Any]
    text: str  # the comparison as it is written
    verdict: Verdict  # by its own interval alone
    why: str
    evidence: Evidence | None = None
    p_adjusted: float | None = None  # of being false, after Holm's correction within the claim
    is_refuted: bool = False  # also after it
    where: tuple[str, ...] = ()  # scale and data of what was compared
    tables: tuple[str, ...] = ()

    @property
    def is_tested(self) -> bool:
        """True if the verdict has a sampling error."""
        return self.evidence is not None and self.evidence.judged.is_random


@dataclass(frozen=True, kw_only=True)
class JudgedComparison:
    """A finding, and how it was computed."""

    finding: Finding
    cells: tuple[FoundCell, ...]
    value: Expression  # of the cells' means: the margin or deviation


def judge_comparison(
    claim: Claim, part: ast.expr, combination: Mapping[str, Any], reference: Reference, measured: Measured
) -> JudgedComparison:
    """Returns one of a check's conjuncts, judged for one combination of the loop variables."""
    variables = {**BOUNDS, **combination}
    shown: dict[str, Any] = {"combination": combination, "text": text_of(part)}

    def replayed(means: Sequence[Floats]) -> Comparison:
        return compare(part, variables, Replay(reference, means))

    def found(verdict: Verdict, why: str, cells: Sequence[FoundCell] = (), **more: Any) -> JudgedComparison:
        finding = Finding(
            **shown,
            verdict=verdict,
            why=why,
            where=tuple(dict.fromkeys(f"{cell.table.scale}, {cell.data}" for cell in cells)),
            tables=tuple(dict.fromkeys(cell.table.id for cell in cells)),
            **more,
        )
        return JudgedComparison(
            finding=finding, cells=tuple(cells), value=lambda means: replayed(means).value
        )

    try:
        cells = find_cells(part, variables, system=claim.system, measured=measured, reference=reference)
    except NotMeasuredError as error:
        return found("not run", str(error.args[0]))
    except NotComparableError as error:
        return found("undecided", str(error))
    comparison = replayed([np.array([cell.samples.mean]) for cell in cells])
    try:
        estimated = estimate_cells(cells, lambda means: replayed(means).value)
    except TooFewSamplesError as error:
        return found("undecided", str(error), cells)
    evidence = Evidence(
        comparison=comparison,
        estimate=estimated,
        published=_published(part, variables, reference),
        unit=unit_of(part, cells),
    )
    verdict = decide(comparison, evidence.judged.interval())
    return found(verdict, evidence_words(evidence), cells, evidence=evidence)


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


def estimate_cells(cells: Sequence[FoundCell], expression: Expression) -> Estimate:
    """Returns the estimate of an expression of some cells' means.

    Raises:
        TooFewSamplesError: as `estimate` does.
    """
    return estimate(
        [cell.samples for cell in cells],
        group_names(cells),
        expression,
        is_sequential=any(cell.table.is_sequential for cell in cells),
    )


def _published(part: ast.expr, variables: Mapping[str, Any], reference: Reference) -> float | None:
    try:
        return float(compare(part, variables, PrintedNumbers(reference)).value)
    except (LookupError, ZeroDivisionError):
        return None
