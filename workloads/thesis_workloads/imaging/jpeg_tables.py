"""The quantisation and Huffman tables of a baseline JPEG, and how its quality scales the former.

ITU-T T.81, annex K: tables K.1 and K.2 (quantisation), K.3 to K.6 (Huffman). The rule from quality to scale is
that of the Independent JPEG Group's library; here the scale may be any positive number, so that a file's size
can be set finely. All tables are in zigzag order (T.81, figure A.6).
"""

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
# Lengths of the standard codes for the coefficient sizes 0..11 of a DC difference (K.3, K.4).
_DC_LENGTHS = ((2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9), (2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
# How many codes of each length 1..16 there are, and the symbols (run << 4 | size) in order of length (K.5, K.6).
_AC_COUNTS = (
    (0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125),
    (0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119),
)
_AC_SHORT = (
    "01020300041105122131410613516107227114328191A1082342B1C11552D1F02433627282",
    "000102031104052131061241510761711322328108144291A1B1C109233352F0156272D10A162434E125F1",
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


def tables_of_scale(scale: float) -> NDArray[np.int64]:
    """Returns ``(2, 64)`` steps within 1..255, luma and chroma, for the base tables times ``scale``.

    Raises:
        ValueError: if the scale is negative.
    """
    if scale < 0:
        raise ValueError(f"scale must be 0 or more, got {scale=}")
    # The reference works in whole percents and adds half before it divides; so does this at such scales.
    steps: NDArray[np.int64] = np.floor(base_tables() * scale + 0.5 + 1e-9).clip(1, 255).astype(np.int64)
    return steps


def tables_of_quality(quality: float) -> NDArray[np.int64]:
    """Returns ``(2, 64)`` steps, luma and chroma, at a quality; at whole ones those of the reference library."""
    percent = 100 * scale_of_quality(quality)
    whole = float(quality).is_integer()
    return tables_of_scale((np.floor(percent + 1e-9) if whole else percent) / 100)


def dc_code_lengths() -> NDArray[np.int64]:
    """Returns ``(2, 12)``: bits that a DC difference of each size takes, its own bits included."""
    return np.array(_DC_LENGTHS) + np.arange(12)


def ac_code_lengths() -> NDArray[np.int64]:
    """Returns ``(2, 64, 16)``: bits that a coefficient takes by zeros before it (0..63) and by its size.

    Its own bits and the codes of runs of sixteen are included; sizes 1..10 exist.
    """
    lengths = np.stack([_code_lengths(kind) for kind in (LUMA, CHROMA)])  # (2, 256)
    runs, sizes = np.arange(64)[:, None], np.arange(16)
    return lengths[:, (runs % 16) << 4 | sizes] + sizes + (runs // 16) * lengths[:, 0xF0, None, None]


def end_of_block_lengths() -> NDArray[np.int64]:
    """Returns ``(2,)``: bits of the code that ends a block before its last coefficient."""
    return np.array([_code_lengths(kind)[0] for kind in (LUMA, CHROMA)])


def _code_lengths(kind: int) -> NDArray[np.int64]:
    lengths = np.repeat(np.arange(1, 17), _AC_COUNTS[kind])
    short = [int(_AC_SHORT[kind][at : at + 2], 16) for at in range(0, len(_AC_SHORT[kind]), 2)]
    # Every other symbol has the longest code.
    found = np.full(256, 16)
    found[short] = lengths[: len(short)]
    return found
