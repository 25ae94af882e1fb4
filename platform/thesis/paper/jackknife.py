"""An interval for any expression of means: Student's t on the jackknife's pseudo-values.

Tukey (1958): leaving out one seed (image, sentence pair) at a time gives the standard error of whatever is
computed of the means. For a difference of two means over shared seeds this is exactly the paired t test, for
a difference over separate ones exactly Welch's test, and ratios, maxima and longer sums need nothing else.

Deliberate additions: samples that only two cells have both are paired, seeds that one of them lacks are left
out; and where samples are all-or-nothing (an image is right or wrong) and fewer than `MIN_DIFFERING` of them
differ, the interval is widened by three n-ths of the whole range (the "rule of three", Hanley and
Lippman-Hand, 1983), since t would call 17 equal images a proof. For the same reason a difference that is the
same for each of a few seeds, while what it is a difference of varies over them, is no proof: steps of a metric
coincide (a precision at five of 250 notes has few values).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from thesis.paper.sequential import anytime_p, anytime_quantile
from thesis.results.measured_tables import EXACT, SEED, Samples

CONFIDENCE = 0.95
MIN_DIFFERING = 6  # with five, the sign test's p is above 0.05 even if all five agree
_WHOLE_RANGES = (100.0, 1.0)  # zeros alone could be either: the wider is the safer

Floats = NDArray[np.float64]
Expression = Callable[[list[Floats]], Floats]


class TooFewSamplesError(ValueError):
    """There is no spread to be seen: one seed, or one image."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with what is known of its precision."""

    value: float
    standard_error: float
    degrees: float  # of freedom; infinite where nothing varies
    slack: float  # half width added for all-or-nothing samples that hardly differ
    num_samples: int  # of the smallest group; 0 where all is exact
    unit: str  # of that group
    is_sequential: bool = False  # more samples were taken because of what the first ones showed

    @property
    def is_random(self) -> bool:
        """True if another sample could have given another value: no count, and not the same each time."""
        return self.standard_error > 0 or self.slack > 0

    @property
    def deviation(self) -> float:
        """Returns the standard deviation over single samples: of a paired difference, that of the pairs."""
        return self.standard_error * math.sqrt(self.num_samples)

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Returns both ends of the two-sided interval."""
        half = self._quantile(confidence) * self.standard_error + self.slack
        return self.value - half, self.value + half

    def tail(self, distance: float) -> float:
        """Returns twice the chance of being this far on one side of the truth, at most 1.

        It is the smallest level at which the interval, ``distance`` away from a bound, stays clear of it.
        """
        if self.standard_error == 0:
            return 0.0 if distance > self.slack else 1.0
        ratio = (distance - self.slack) / self.standard_error
        if self.is_sequential:
            return anytime_p(ratio, num_samples=self.num_samples, degrees=self.degrees) if ratio > 0 else 1.0
        return min(1.0, 2 * float(student.sf(ratio, self.degrees)))

    def predicting(self) -> "Estimate":
        """Returns the estimate of what one more measurement like the published one gives.

        The published number is one run: over seeds it varies as one of n does. Of images and sentence pairs
        as many are taken as there are here.
        """
        more = math.sqrt(self.num_samples + 1) if self.unit == SEED else math.sqrt(2)
        return replace(self, standard_error=self.standard_error * more)

    def _quantile(self, confidence: float) -> float:
        if self.standard_error == 0:
            return 0.0
        if self.is_sequential:
            return anytime_quantile(1 - confidence, num_samples=self.num_samples, degrees=self.degrees)
        return float(student.ppf((1 + confidence) / 2, self.degrees))


@dataclass(frozen=True, kw_only=True)
class _Group:
    unit: str
    names: tuple[str, ...]  # of the samples that are left out in turn
    cells: tuple[int, ...]


def estimate(
    cells: Sequence[Samples], groups: Sequence[str], expression: Expression, *, is_sequential: bool = False
) -> Estimate:
    """Returns the expression of the cells' means with its standard error.

    Args:
        cells: The samples behind each number, in the order in which the expression takes them.
        groups: For each cell, what its samples belong to (a data set's digest): equal names of samples are
            the same seed or image only within one group.
        expression: Takes an array ``(1 + N,)`` per cell and returns one: the means with everything, then
            with each of the N samples left out.
        is_sequential: The number of samples was chosen after looking at some of them.

    Raises:
        TooFewSamplesError: if a number rests on a single sample that is not exact, or on samples that show no
            spread of it though its parts vary.
    """
    made = _groups(cells, groups)
    means = _left_out(cells, made)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.broadcast_to(np.asarray(expression(means), dtype=float), means[0].shape)
    if not np.isfinite(result).all():
        raise TooFewSamplesError("it divides by a value that is zero for some of the samples")
    variances, slacks, start = [], [], 1
    for group in made:
        n = len(group.names)
        part = result[start : start + n]
        variances.append((n - 1) / n * float(((part - part.mean()) ** 2).sum()))
        slacks.append(_slack(cells, group, n * result[0] - (n - 1) * part))
        start += n
    smallest = min(made, key=lambda group: len(group.names), default=None)
    value = _rounded_off(float(result[0]), means)
    standard_error = _rounded_off(math.sqrt(sum(variances)), means)
    if value != 0 and standard_error == 0 and any(_varies(cells, group) for group in made):
        raise TooFewSamplesError(
            f"it is {value:.4g} for every seed by coincidence: each side varies; take more seeds"
        )
    return Estimate(
        value=value,
        standard_error=standard_error,
        degrees=_degrees(variances, made),
        slack=max(slacks, default=0.0),
        num_samples=len(smallest.names) if smallest else 0,
        unit=smallest.unit if smallest else EXACT,
        is_sequential=is_sequential,
    )


def _varies(cells: Sequence[Samples], group: _Group) -> bool:
    return group.unit == SEED and any(
        len({cells[index].values[name] for name in group.names}) > 1 for index in group.cells
    )


def _groups(cells: Sequence[Samples], groups: Sequence[str]) -> list[_Group]:
    found: dict[tuple[str, str], list[int]] = {}
    for index, (cell, group) in enumerate(zip(cells, groups, strict=True)):
        if cell.unit != EXACT:
            found.setdefault((cell.unit, group), []).append(index)
    return [_group(unit, indices, cells) for (unit, _), indices in found.items()]


def _group(unit: str, indices: list[int], cells: Sequence[Samples]) -> _Group:
    sets = [set(cells[index].values) for index in indices]
    names = set.intersection(*sets) if unit == SEED else set.union(*sets)
    if len(names) < 2 or min(len(names & own) for own in sets) < 2:
        shared = "shared " if len(indices) > 1 else ""
        raise TooFewSamplesError(f"it rests on fewer than two {shared}{unit}s, which show no spread")
    return _Group(unit=unit, names=tuple(sorted(names)), cells=tuple(indices))


def _left_out(cells: Sequence[Samples], groups: Sequence[_Group]) -> list[Floats]:
    length = 1 + sum(len(group.names) for group in groups)
    means = [np.full(length, cell.mean) for cell in cells]
    start = 1
    for group in groups:
        for index in group.cells:
            values = np.array([cells[index].values.get(name, math.nan) for name in group.names])
            is_there = ~np.isnan(values)
            total, count = float(values[is_there].sum()), int(is_there.sum())
            means[index][:] = total / count
            without = (total - np.where(is_there, values, 0.0)) / (count - is_there)
            means[index][start : start + len(group.names)] = without
        start += len(group.names)
    return means


def _slack(cells: Sequence[Samples], group: _Group, pseudo_values: Floats) -> float:
    values = {value for index in group.cells for value in cells[index].values.values()}
    whole = next((span for span in _WHOLE_RANGES if values <= {0.0, span}), None)
    if whole is None or group.unit == SEED:
        return 0.0
    usual = float(np.median(pseudo_values))
    num_differing = int((np.abs(pseudo_values - usual) > 1e-9 * whole).sum())
    return 3 * whole / len(group.names) if num_differing < MIN_DIFFERING else 0.0


def _degrees(variances: Sequence[float], groups: Sequence[_Group]) -> float:
    """Returns Welch and Satterthwaite's degrees of freedom."""
    parts = [v**2 / (len(group.names) - 1) for v, group in zip(variances, groups, strict=True)]
    return sum(variances) ** 2 / sum(parts) if sum(parts) > 0 else math.inf


def _rounded_off(value: float, means: Sequence[Floats]) -> float:
    """Returns zero for what is only the rounding of sums: 27.1 - 27.0 - 0.1 is a tie."""
    scale = max(float(np.abs(mean).max()) for mean in means)
    return value if abs(value) > 1e-12 * scale else 0.0
