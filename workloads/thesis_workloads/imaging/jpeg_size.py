"""How many bits a baseline JPEG takes, from its coefficients, without encoding it.

Counts what the standard Huffman tables give every run of zeros, coefficient and end of block (T.81, F.1.2).
Only coefficients that may still matter are looked at, so a size costs a fraction of an encode.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.imaging.jpeg_tables import (
    ac_code_lengths,
    dc_code_lengths,
    end_of_block_lengths,
    tables_of_scale,
)
from thesis_workloads.imaging.mosaic import Coefficients

_LAST = 63
_FIRST_GUESS = 0.85  # our scale is usually a little below that of the plain JPEG
_STEEPEST = -0.2  # bits against scale in logarithms; keeps a step of the search finite
_TOLERANCE = 0.002
_NARROW = 1.001  # sizes jump where many coefficients share a value; there is nothing between
_MOST_STEPS = 12
_SCALES = (1e-3, 1e3)


def count_bits(parts: Sequence[Coefficients], scale: float) -> float:
    """Returns the bits of the coefficients, quantised by the base tables times ``scale``."""
    tables = tables_of_scale(scale).astype(np.float32)
    return float(sum(_bits_of_part(part, tables[part.kind]) for part in parts))


def scale_for_bits(bits_at: Callable[[float], float], target: float, *, guess: float) -> float:
    """Returns the scale at which a falling function reaches ``target``, or the nearest within limits.

    A secant in logarithms, kept within the bracket that is known so far.
    """
    low, high = _SCALES
    scale, known = guess * _FIRST_GUESS, None
    for _ in range(_MOST_STEPS):
        bits = bits_at(scale)
        error = np.log(bits / target)
        if abs(error) < _TOLERANCE:
            break
        low, high = (max(low, scale), high) if error > 0 else (low, min(high, scale))
        if high < low * _NARROW:
            break
        slope = -0.8
        if known is not None and known[0] != scale:
            slope = (error - known[1]) / np.log(scale / known[0])
        known = scale, error
        step = float(scale * np.exp(np.clip(-error / min(slope, _STEEPEST), -1.5, 1.5)))
        scale = step if low < step < high else float(np.sqrt(low * high))
    return scale


def _bits_of_part(part: Coefficients, table: NDArray[np.float32]) -> int:
    first = np.rint(part.first / table[0])
    steps = np.diff(first, prepend=first[:1])
    bits = int(dc_code_lengths()[part.kind][_bit_lengths(np.abs(steps))].sum())
    sizes = (part.sizes / table[part.places & _LAST] + 0.5).astype(np.int32)
    left = np.flatnonzero(sizes)
    sizes, places = sizes[left], part.places[left]
    before = places & ~_LAST  # a block's first coefficient, which each of its runs starts after
    np.maximum(before[1:], places[:-1], out=before[1:])
    codes = _ac_lengths()[part.kind]
    bits += int(codes[(places - before - 1) << 4 | _bit_lengths(sizes)].sum())
    num_whole = int(np.count_nonzero(places & _LAST == _LAST))
    return bits + int(end_of_block_lengths()[part.kind]) * (len(first) - num_whole)


def _bit_lengths(values: NDArray[np.number]) -> NDArray[np.int64]:
    return _lengths_of_values()[values.astype(np.int64)]


@lru_cache(maxsize=1)
def _lengths_of_values() -> NDArray[np.int64]:
    return np.array([min(value.bit_length(), 11) for value in range(1 << 12)])


@lru_cache(maxsize=1)
def _ac_lengths() -> NDArray[np.int64]:
    return ac_code_lengths().reshape(2, -1)
