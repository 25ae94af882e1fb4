"""What the samples of one comparison show, and what that many samples could have shown."""

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scipy.stats import t as student

from thesis.paper.bounds import SMALLEST_DIFFERENCES
from thesis.paper.check_language import Comparison
from thesis.paper.jackknife import MIN_DIFFERING, Estimate
from thesis.paper.measured_numbers import FoundCell
from thesis.paper.power import ALPHA, MAX_SAMPLES, detectable_effect, samples_needed


@dataclass(frozen=True)
class Evidence:
    """One comparison's effect, its precision and its tests."""

    comparison: Comparison
    estimate: Estimate
    published: float | None  # the same difference in the printed tables; None where they don't print it
    unit: str = ""  # of the compared numbers; empty for ratios, and for quantities that no table prints

    @cached_property
    def judged(self) -> Estimate:
        """Returns the estimate whose interval decides: a prediction where the other side is one printed run."""
        return self.estimate.predicting() if self.comparison.is_printed_value else self.estimate

    @property
    def smallest_difference(self) -> float | None:
        """Returns the smallest difference of interest; None for numbers without a unit."""
        return SMALLEST_DIFFERENCES.get(self.unit)

    @property
    def is_order(self) -> bool:
        """True if the claim is that a difference has a sign."""
        return self.comparison.test in ("positive", "not negative")

    @cached_property
    def p_for(self) -> float:
        """Returns the p value of the comparison being true: small where the samples show that it is."""
        found, tolerance = self.judged, float(self.comparison.tolerance)
        match self.comparison.test:
            case "positive":
                return found.tail(found.value)
            case "not negative":
                return found.tail(found.value) if found.is_random else float(found.value < 0)
            case "zero":
                return float(found.is_random or found.value != 0)
            case "within" if not found.is_random:
                return float(abs(found.value) > tolerance)
        return max(found.tail(tolerance + found.value), found.tail(tolerance - found.value))

    @cached_property
    def p_against(self) -> float:
        """Returns the p value of the comparison being false."""
        found, tolerance = self.judged, float(self.comparison.tolerance)
        match self.comparison.test:
            case "positive":
                return found.tail(-found.value) if found.is_random else float(found.value > 0)
            case "not negative":
                return found.tail(-found.value)
            case "zero":
                return found.tail(abs(found.value))
            case "strictly within" if not found.is_random:
                return float(abs(found.value) < tolerance)
        return found.tail(abs(found.value) - tolerance)

    @property
    def detectable(self) -> float | None:
        """Returns the smallest difference that this many samples detect in 80 % of cases; None without a spread."""
        if self.estimate.standard_error == 0:
            return None
        effect = detectable_effect(self.estimate.num_samples)
        return effect * self.estimate.deviation + self.estimate.slack

    @property
    def published_distance(self) -> float | None:
        """Returns the published margin on the claimed side; None where no number is printed.

        They don't where nothing is printed, for equalities, and against one printed run.
        """
        if self.published is None or self.comparison.is_printed_value or self.comparison.test == "zero":
            return None
        is_within = "within" in self.comparison.test
        return float(self.comparison.tolerance) - abs(self.published) if is_within else self.published

    @cached_property
    def needed(self) -> float | None:
        """Returns the number of samples would detect the published difference in 80 % of cases.

        Infinite beyond `power.MAX_SAMPLES`; None where no such number exists: the published numbers don't tell
        or are on the other side, or the samples show no spread to plan with. All-or-nothing samples that are all
        alike need enough of them for `MIN_DIFFERING` to differ at the published rate.
        """
        distance = self.published_distance
        return self._needed(distance) if distance is not None and distance > 0 else None

    @cached_property
    def needed_as_measured(self) -> float | None:
        """Returns the number of samples would detect in 80 % of cases a difference as large as the measured one."""
        value = abs(self.estimate.value)
        if self.comparison.is_printed_value:
            return None
        is_within = "within" in self.comparison.test
        return self._needed(abs(float(self.comparison.tolerance) - value) if is_within else value)

    @property
    def is_published_planned(self) -> bool:
        """True if the published difference is what more samples would be taken for."""
        return self.needed is not None and not self.is_published_excluded

    @property
    def planned(self) -> float | None:
        """Returns the samples needed for the published difference, or if that is none or excluded for the measured."""
        return self.needed if self.is_published_planned else self.needed_as_measured

    def _needed(self, distance: float) -> float | None:
        found = self.estimate
        if not found.is_random or distance == 0:
            return None
        if found.standard_error == 0:
            whole = 1.0 if self.unit == "fraction" else found.slack * found.num_samples / 3
            number = math.ceil(MIN_DIFFERING * whole / distance)
            return number if number <= MAX_SAMPLES else math.inf
        return samples_needed(distance / found.deviation)

    @property
    def is_published_excluded(self) -> bool:
        """True if the interval leaves out a difference as large as the published one."""
        if self.published is None or not self.is_order or not self.estimate.is_random:
            return False
        if self.published <= 0:  # no size that the claim could have
            return False
        low, high = self.estimate.interval()
        return not low <= self.published <= high

    @property
    def p_equivalence(self) -> float | None:
        """Returns the p value of two one-sided tests: small where the difference is too small to be of interest."""
        if self.smallest_difference is None or not self.is_order or not self.estimate.is_random:
            return None
        found = self.estimate
        distance = self.smallest_difference - abs(found.value) - found.slack
        if found.is_sequential:
            return found.tail(distance)
        if found.standard_error == 0:
            return float(distance <= 0)
        return float(student.sf(distance / found.standard_error, found.degrees))

    @property
    def is_equivalent(self) -> bool:
        """True if the two sides count as equal."""
        return self.p_equivalence is not None and self.p_equivalence <= ALPHA


def unit_of(part: ast.expr, cells: Sequence[FoundCell]) -> str:
    """Returns the unit of a comparison's numbers; empty for ratios, and where they have several units or none."""
    units = {cell.unit for cell in cells}
    is_ratio = any(isinstance(node, ast.Div) for node in ast.walk(part))
    return "" if is_ratio or len(units) != 1 else units.pop()
