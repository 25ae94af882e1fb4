"""The scale of quantisation tables at which a file has the size that is wanted."""

from collections.abc import Callable

import numpy as np

# Bits against scale in logarithms. What is rounded already hardly shrinks before the next whole step.
_USUAL, _FLATTEST = -0.5, -0.2
_NARROW = 1.0005  # sizes jump where tables change by whole steps; there is nothing between
_MOST_STEPS = 16
_SCALES = (1e-3, 1e3)


def scale_for_bits(
    bits_at: Callable[[float], float], target: float, *, guess: float, tolerance: float = 0.002
) -> float:
    """Returns the scale at which a falling function reaches ``target``, or the nearest that was met.

    A secant in logarithms, kept within the bracket that is known so far.

    Args:
        bits_at: bits at a scale.
        target: bits that are wanted.
        guess: a scale to begin from.
        tolerance: share of the target that is near enough.
    """
    low, high = _SCALES
    scale, known = guess, None
    best, least = scale, np.inf
    for _ in range(_MOST_STEPS):
        error = float(np.log(bits_at(scale) / target))
        if abs(error) < least:
            best, least = scale, abs(error)
        if least < tolerance:
            break
        low, high = (max(low, scale), high) if error > 0 else (low, min(high, scale))
        if high < low * _NARROW:
            break
        slope = _USUAL
        if known is not None and known[0] != scale:
            slope = (error - known[1]) / np.log(scale / known[0])
        known = scale, error
        step = float(scale * np.exp(np.clip(-error / min(slope, _FLATTEST), -1.5, 1.5)))
        scale = step if low < step < high else float(np.sqrt(low * high))
    return best
