"""The standard Huffman codes of a baseline JPEG (ITU-T T.81, annex K, tables K.3 to K.6).

Row 0 is luma, row 1 chroma, as in `jpeg_tables`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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
_END_OF_BLOCK, _SIXTEEN_ZEROS = 0x00, 0xF0
_LARGEST = 10  # bits of a coefficient that is not the first of its block
MOST_BITS = 11  # of a difference of first coefficients


@dataclass(frozen=True, kw_only=True)
class Codes:
    """Codes with the bits that they take; a coefficient's own bits, written behind its code, are counted in."""

    first: NDArray[np.uint64]  # (2, 12) by size of a DC difference
    first_bits: NDArray[np.int64]
    further: NDArray[np.uint64]  # (2, 64 * 16) by zeros before it << 4 | size; runs of sixteen are in front
    further_bits: NDArray[np.int64]
    end: NDArray[np.uint64]  # (2,) ends a block before its last coefficient
    end_bits: NDArray[np.int64]


@lru_cache(maxsize=1)
def standard_codes() -> Codes:
    """Returns the codes of both kinds of planes."""
    first = np.array([_canonical(range(12), lengths) for lengths in _DC_LENGTHS])  # (2, 12, 2)
    symbols = np.array([_coefficient_codes(kind) for kind in (0, 1)])  # (2, 256, 2)
    sizes = np.arange(16)
    further = np.zeros((2, 64, 16, 2), dtype=np.int64)
    for zeros in range(64):
        code, bits = (symbols[:, (zeros % 16) << 4 | sizes, part] for part in (0, 1))
        for _ in range(zeros // 16):
            code = code | symbols[:, None, _SIXTEEN_ZEROS, 0] << bits
            bits = bits + symbols[:, None, _SIXTEEN_ZEROS, 1]
        further[:, zeros] = np.stack([code << sizes, bits + sizes], axis=-1)
    flat = further.reshape(2, -1, 2)
    own = np.arange(12)
    return Codes(
        first=(first[..., 0] << own).astype(np.uint64),
        first_bits=first[..., 1] + own,
        further=flat[..., 0].astype(np.uint64),
        further_bits=flat[..., 1],
        end=symbols[:, _END_OF_BLOCK, 0].astype(np.uint64),
        end_bits=symbols[:, _END_OF_BLOCK, 1],
    )


def _coefficient_codes(kind: int) -> NDArray[np.int64]:
    """Returns ``(256, 2)``: code and bits by symbol, without the coefficient's own; zeros where there is none."""
    short = [int(_AC_SHORT[kind][at : at + 2], 16) for at in range(0, len(_AC_SHORT[kind]), 2)]
    known = {_END_OF_BLOCK, _SIXTEEN_ZEROS} | {
        zeros << 4 | size for zeros in range(16) for size in range(1, _LARGEST + 1)
    }
    # Every other symbol has the longest code, in ascending order.
    symbols = [*short, *sorted(known - set(short))]
    lengths = [length for length, count in enumerate(_AC_COUNTS[kind], start=1) for _ in range(count)]
    found = np.zeros((256, 2), dtype=np.int64)
    found[symbols] = _canonical(symbols, lengths)
    return found


def _canonical(symbols: Sequence[int], lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Returns code and length of symbols in order of length (T.81, figures C.1 and C.2)."""
    code, last, found = 0, lengths[0], []
    for _, length in zip(symbols, lengths, strict=True):
        code <<= length - last
        found.append((code, length))
        code, last = code + 1, length
    return found
