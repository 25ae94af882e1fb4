"""What the printed tables themselves say of a claim, in exact arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from thesis.paper.bounds import BOUNDS
from thesis.paper.check_language import Comparison, combinations, comparisons
from thesis.paper.reference import Claim, Printed, Reference
from thesis.results.keys import Keys


class NotPrintedError(LookupError):
    """A check needs a number that no table prints."""


@dataclass(frozen=True, kw_only=True)
class PrintedVerdict:
    """Whether a claim agrees with the printed numbers."""

    verdict: Printed
    exceptions: tuple[Mapping[str, Any], ...]  # the combinations that do not satisfy the check


@dataclass(frozen=True)
class PrintedNumbers:
    """The printed tables as a source of numbers: fractions, so 27.1 - 27.0 is exactly 0.1."""

    reference: Reference

    def cell(self, table: str, column: str, keys: Keys) -> Fraction:
        """Returns the printed number.

        Raises:
            NotPrintedError: if the page prints a dash.
            LookupError: if there is no such table, row or column.
        """
        found = self.reference.tables[table]
        values = found.row(keys).values
        if column not in values:
            raise NotPrintedError(f"{table} prints no {found.column(column).key} there")
        return Fraction(str(values[column]))

    def quantity(self, name: str, keys: Keys) -> Fraction:
        """Raises NotPrintedError: no table prints such a quantity."""
        raise NotPrintedError(f"no table prints {name}")

    def sign(self, table: str, column: str) -> int:
        """Returns 1 where higher is better, -1 where lower is."""
        return direction(self.reference, table, column)

    def number(self, literal: int | float) -> Fraction:
        """Returns the literal as it is written."""
        return Fraction(str(literal))


def direction(reference: Reference, table: str, column: str) -> int:
    """Returns 1 where higher is better, -1 where lower is.

    Raises:
        ValueError: if the column has no better side.
    """
    better = reference.tables[table].column(column).better
    if better == "none":
        raise ValueError(f"adv must compare a column with a better side, got {table=} {column=}")
    return 1 if better == "higher" else -1


def printed_verdict(claim: Claim, reference: Reference) -> PrintedVerdict:
    """Returns the verdict of the printed tables on a claim."""
    if claim.check is None:
        return PrintedVerdict(verdict="unprinted", exceptions=())
    source = PrintedNumbers(reference)
    combos = combinations(claim.forall)
    try:
        wrong = [
            combo
            for combo in combos
            if not all(is_true(found) for found in comparisons(claim.check, {**BOUNDS, **combo}, source))
        ]
    except NotPrintedError:
        return PrintedVerdict(verdict="unprinted", exceptions=())
    verdict: Printed = "holds" if not wrong else "fails" if len(wrong) == len(combos) else "partly"
    return PrintedVerdict(verdict=verdict, exceptions=tuple(wrong))


def is_true(comparison: Comparison) -> bool:
    """True if a comparison of single numbers is true."""
    value, tolerance = comparison.value, comparison.tolerance
    match comparison.test:
        case "positive":
            return bool(value > 0)
        case "not negative":
            return bool(value >= 0)
        case "zero":
            return bool(value == 0)
        case "within":
            return bool(abs(value) <= tolerance)
        case "strictly within":
            return bool(abs(value) < tolerance)
