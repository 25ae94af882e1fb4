"""The quantisation tables of a baseline JPEG, and how its quality scales them.

ITU-T T.81, annex K: tables K.1 and K.2. The rule from quality to scale is
that of the Independent JPEG Group's library; here the scale may be any positive number, so that a file's size
can be set finely. All tables are in zigzag order (T.81, figure A.6).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LUMA, CHROMA = 0, 1
_ROWS_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_ROWS_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *(((99,) * 8,) * 4),
)


def zigzag_order() -> NDArray[np.int64]:
    """Returns ``(64,)``: the row-major place in an 8 x 8 block of each step of the zigzag."""
    places = [(row, column) for row in range(8) for column in range(8)]
    # Diagonals one after another; odd ones run down, even ones up.
    ordered = sorted(places, key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]))
    return np.array([8 * row + column for row, column in ordered])


def base_tables() -> NDArray[np.int64]:
    """Returns ``(2, 64)``: the tables of quality 50, luma and chroma."""
    rows = np.array([_ROWS_LUMA, _ROWS_CHROMA]).reshape(2, 64)
    return rows[:, zigzag_order()]


@lru_cache(maxsize=1)
def _base() -> NDArray[np.int64]:
    return base_tables()


@lru_cache(maxsize=8)
def _flattened(flatness: float) -> NDArray[np.float64]:
    base = _base().astype(np.float64)
    return base if flatness == 0 else base * (np.exp(np.log(base).mean(1, keepdims=True)) / base) ** flatness


def scale_of_quality(quality: float) -> float:
    """Returns by what the base tables are multiplied at a quality; 1 at 50.

    Raises:
        ValueError: if the quality is not within 1..100.
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must be within 1..100, got {quality=}")
    return 50 / quality if quality < 50 else 2 - quality / 50


def quality_of_scale(scale: float) -> float:
    """Returns the quality, any real number, whose tables are the base tables times ``scale``."""
    return 50 / scale if scale > 1 else 100 - 50 * scale


def tables_of_scale(scale: float, flatness: float = 0.0) -> NDArray[np.int64]:
    """Returns ``(2, 64)`` steps within 1..255, luma and chroma, for the base tables times ``scale``.

    Args:
        scale: 0 or more.
        flatness: 0 leaves the base tables as they are; at 1 every step of a table is their geometric mean.

    Raises:
        ValueError: if the scale is negative.
    """
    if scale < 0:
        raise ValueError(f"scale must be 0 or more, got {scale=}")
    # The reference works in whole percents and adds half before it divides; so does this at such scales.
    steps: NDArray[np.int64] = (
        np.floor(_flattened(flatness) * scale + 0.5 + 1e-9).clip(1, 255).astype(np.int64)
    )
    return steps


def scales_of_changes(low: float, high: float, flatness: float = 0.0) -> NDArray[np.float64]:
    """Returns the scales within a range at which a step of the tables changes, ascending, and the range's ends."""
    base = _flattened(flatness).reshape(-1)
    found = [low, high]
    for step in np.unique(base):
        first, last = np.ceil(step * low - 0.5), np.floor(step * high - 0.5)
        found += [(whole + 0.5) / step for whole in np.arange(max(first, 1), min(last, 254) + 1)]
    scales = np.unique(found)
    # Two steps that change at one scale differ by rounding alone.
    return scales[np.diff(scales, prepend=0) > 1e-8 * scales]


def tables_of_quality(quality: float) -> NDArray[np.int64]:
    """Returns ``(2, 64)`` steps, luma and chroma, at a quality; at whole ones those of the reference library."""
    percent = 100 * scale_of_quality(quality)
    whole = float(quality).is_integer()
    return tables_of_scale((np.floor(percent + 1e-9) if whole else percent) / 100)
