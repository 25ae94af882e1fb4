"""What a number of seeds can show: differences that it detects, and seeds that a difference needs.

Power of the two-sided paired t test by the non-central t distribution, from statsmodels. Standard deviations are
themselves estimated from the few seeds: from three, they are uncertain by a factor of 0.5 to 6.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.power import TTestPower

ALPHA = 0.05
POWER = 0.8
MAX_SAMPLES = 1000  # more are reported as more than that many


@functools.lru_cache(maxsize=1024)
def detectable_effect(num_samples: int) -> float:
    """Returns the smallest difference, in standard deviations, that is detected in 80 % of cases.

    Raises:
        ValueError: if there are fewer than two samples, which detect nothing.
    """
    if num_samples < 2:
        raise ValueError(f"samples must be at least two to detect a difference, got {num_samples}")
    return float(TTestPower().solve_power(effect_size=None, nobs=num_samples, alpha=ALPHA, power=POWER))


def samples_needed(effect: float) -> float:
    """Returns the number of samples detect a difference of ``effect`` standard deviations in 80 % of cases.

    Infinite if those are more than `MAX_SAMPLES`.
    """
    # Two digits of a standard deviation that few seeds gave are more than it has.
    return _samples_needed(float(f"{abs(effect):.2g}"))


@functools.lru_cache(maxsize=1024)
def _samples_needed(effect: float) -> float:
    if effect == 0:
        return math.inf
    numbers = np.arange(2, MAX_SAMPLES + 1)
    power: NDArray[np.float64] = TTestPower().power(effect, numbers, ALPHA)
    # Where the non-central t distribution overflows, the difference is seen for certain.
    is_enough = np.nan_to_num(power, nan=1.0) >= POWER
    return int(numbers[is_enough.argmax()]) if is_enough.any() else math.inf
