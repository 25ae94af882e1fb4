"""Mean and 95 % interval of a few values by Student's t distribution."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import sem
from scipy.stats import t as student

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with what is known of its precision."""

    mean: float
    half_width: float | None  # None for one value: it says nothing about the spread
    num_values: int

    @property
    def low(self) -> float:
        """Returns the lower end, the mean itself where there is no width."""
        return self.mean - (self.half_width or 0.0)

    @property
    def high(self) -> float:
        """Returns the upper end, the mean itself where there is no width."""
        return self.mean + (self.half_width or 0.0)


def t_interval(values: Sequence[float]) -> Interval | None:
    """Returns the mean and the half width t(n-1) * s / sqrt(n), or None for no values."""
    n = len(values)
    if n == 0:
        return None
    mean = math.fsum(values) / n
    if n == 1:
        return Interval(mean=mean, half_width=None, num_values=1)
    half_width = student.ppf((1 + CONFIDENCE) / 2, n - 1) * sem(values)
    return Interval(mean=mean, half_width=float(half_width), num_values=n)


def paired_interval(values: Mapping[int, float], reference: Mapping[int, float]) -> Interval | None:
    """Returns the interval of value minus reference over the keys (seeds) that both have.

    Pairing removes what a seed does to both alike: initial weights and the order of the images.
    """
    shared = sorted(values.keys() & reference.keys())
    return t_interval([values[seed] - reference[seed] for seed in shared])
