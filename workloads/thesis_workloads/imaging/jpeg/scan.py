"""The entropy-coded part of a baseline JPEG from its coefficients (ITU-T T.81, F.1.2): its size, and its bytes.

Counting and writing share one pass that turns coefficients into codes, so a counted size is the written one.
All codes of a band are put in place at once: where each begins is a running sum of their lengths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.imaging.jpeg.codes import MOST_BITS, standard_codes
from thesis_workloads.imaging.jpeg.mosaic import Coefficients
from thesis_workloads.imaging.jpeg.planes import IN_MACROBLOCK
from thesis_workloads.imaging.jpeg.tables import tables_of_scale

_LAST = 63
_WORD = 64
_LARGEST = 1023  # a baseline coefficient's magnitude


@dataclass(frozen=True, kw_only=True)
class _Symbols:
    """A band, quantised: what there is a code for."""

    kinds: NDArray[np.int64]  # (n,) of each block
    steps: NDArray[np.int64]  # (n,) difference of a block's first coefficient to that of the block before
    blocks: NDArray[np.int64]  # (m,) of each further coefficient
    values: NDArray[np.int64]  # (m,)
    keys: NDArray[np.int64]  # (m,) kind << 10 | zeros before it << 4 | its size in bits
    ends: NDArray[np.bool_]  # (n,) whether the block ends before its last coefficient


def count_bits(parts: Sequence[Coefficients], scale: float) -> int:
    """Returns the bits of the coefficients, quantised by the base tables times ``scale``."""
    return sum(_bits_of_part(part, scale) for part in parts)


def _bits_of_part(part: Coefficients, scale: float) -> int:
    codes, found = standard_codes(), _symbols(part, scale)
    bits = codes.first_bits[found.kinds, _bit_lengths(found.steps)].sum()
    bits += (codes.end_bits[found.kinds] * found.ends).sum()
    return int(bits + codes.further_bits.reshape(-1).take(found.keys).sum())


def bits_of_blocks(part: Coefficients, scale: float) -> NDArray[np.int64]:
    """Returns ``(n,)``: the bits of each block of a band, in the order of a file."""
    codes, found = standard_codes(), _symbols(part, scale)
    bits = codes.first_bits[found.kinds, _bit_lengths(found.steps)] + codes.end_bits[found.kinds] * found.ends
    of_further = codes.further_bits.reshape(-1)[found.keys]
    return bits + np.bincount(found.blocks, weights=of_further, minlength=len(bits)).astype(np.int64)


def symbol_counts(part: Coefficients, scale: float) -> NDArray[np.int64]:
    """Returns ``(2, 256)``: how often each symbol of a further coefficient occurs, luma and chroma.

    A symbol is zeros before it << 4 | size; 0 ends a block, 15 << 4 stands for sixteen zeros.
    """
    found = _symbols(part, scale)
    kinds, zeros, sizes = found.keys >> 10, found.keys >> 4 & 63, found.keys & 15
    symbols = kinds << 8 | (zeros & 15) << 4 | sizes
    counts = np.bincount(symbols, minlength=512).reshape(2, 256)
    for kind in (0, 1):
        counts[kind, 0] = (found.ends & (found.kinds == kind)).sum()
        counts[kind, 15 << 4] = (zeros[kinds == kind] >> 4).sum()
    return counts


def scan_bytes(parts: Sequence[Coefficients], scale: float) -> bytes:
    """Returns the entropy-coded part, zeros stuffed after every 0xFF."""
    done, pending, used = [], np.uint64(0), 0
    for part in parts:
        codes, lengths = _codes(part, scale)
        words, total = _packed(codes, lengths, used)
        words[0] |= pending
        whole, used = divmod(used + total, _WORD)
        pending = words[whole]
        done.append(words[:whole].byteswap().tobytes())
    ones = (
        np.uint64((1 << (-used % 8)) - 1) << np.uint64(_WORD - used - (-used % 8)) if used else np.uint64(0)
    )
    done.append((pending | ones).byteswap().tobytes()[: -(-used // 8)])
    return b"".join(done).replace(b"\xff", b"\xff\x00")


def _symbols(part: Coefficients, scale: float) -> _Symbols:
    tables = tables_of_scale(scale, part.flatness).astype(np.float32)
    inverse = (1 / tables).reshape(-1)
    scaled = part.values * inverse[part.cells]
    whole = np.rint(scaled, out=scaled).astype(np.int64)
    left = np.flatnonzero(whole)
    values, places, kinds = whole[left].clip(-_LARGEST, _LARGEST), part.places[left], part.kinds
    blocks = places >> 6
    before = places & ~_LAST  # a block's first coefficient, which each of its runs starts after
    np.maximum(before[1:], places[:-1], out=before[1:])
    keys = part.cells[left] >> 6 << 10 | (places - before - 1) << 4 | _bit_lengths(values)
    ends = np.ones(len(kinds), dtype=np.bool_)
    ends[blocks[places & _LAST == _LAST]] = False
    steps = _steps(
        part, np.rint(part.first * inverse[kinds << 6]), np.rint(part.before * inverse[_firsts(part)])
    )
    return _Symbols(kinds=kinds, steps=steps, blocks=blocks, values=values, keys=keys, ends=ends)


def _firsts(part: Coefficients) -> NDArray[np.int64]:
    return np.array([0, _WORD, _WORD][: part.num_planes])


def _steps(part: Coefficients, first: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns each first coefficient less the one before it in its plane."""
    if part.num_planes == 1:
        return np.diff(first, prepend=before).astype(np.int64)
    groups = first.reshape(-1, IN_MACROBLOCK)
    steps = np.empty(groups.shape, dtype=np.int64)
    steps[:, :4] = np.diff(groups[:, :4].reshape(-1), prepend=before[:1]).reshape(-1, 4)
    steps[:, 4:] = np.diff(groups[:, 4:], axis=0, prepend=before[None, 1:])
    return steps.reshape(-1)


def _codes(part: Coefficients, scale: float) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Returns codes in order with their lengths, at most 64 bits; a block's end is part of its last one."""
    standard, found = standard_codes(), _symbols(part, scale)
    num_blocks, num_further = len(found.kinds), len(found.values)
    per_block = np.bincount(found.blocks, minlength=num_blocks)
    last = np.arange(num_blocks) + np.cumsum(per_block)  # of each block: its first one if it has no other
    at_first = last - per_block
    at_further = np.arange(num_further) + found.blocks + 1
    codes = np.empty(num_blocks + num_further, dtype=np.uint64)
    lengths = np.empty(len(codes), dtype=np.int64)
    sizes = _bit_lengths(found.steps)
    codes[at_first] = standard.first[found.kinds, sizes] | _own_bits(found.steps, sizes)
    lengths[at_first] = standard.first_bits[found.kinds, sizes]
    codes[at_further] = standard.further.reshape(-1)[found.keys] | _own_bits(found.values, found.keys & 15)
    lengths[at_further] = standard.further_bits.reshape(-1)[found.keys]
    ended, kinds = last[found.ends], found.kinds[found.ends]
    codes[ended] = codes[ended] << standard.end_bits[kinds].astype(np.uint64) | standard.end[kinds]
    lengths[ended] += standard.end_bits[kinds]
    return codes, lengths


def _packed(
    codes: NDArray[np.uint64], lengths: NDArray[np.int64], offset: int
) -> tuple[NDArray[np.uint64], int]:
    """Returns codes one after another in words, from bit ``offset`` of the first on, and how many bits they are."""
    ends = np.cumsum(lengths)
    starts = ends - lengths + offset
    words = starts >> 6
    shifts = (starts & (_WORD - 1)).astype(np.uint64)
    aligned = codes << (_WORD - lengths).astype(np.uint64)
    packed = np.zeros(int(words[-1]) + 2, dtype=np.uint64)
    groups = np.flatnonzero(np.diff(words, prepend=-1))
    packed[words[groups]] = np.bitwise_or.reduceat(aligned >> shifts, groups)
    # Only the last code that begins in a word reaches into the next one.
    across = np.append(groups[1:], len(words)) - 1
    packed[words[across] + 1] |= aligned[across] << (np.uint64(_WORD - 1) - shifts[across]) << np.uint64(1)
    return packed, int(ends[-1])


def _own_bits(values: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Returns the bits behind a code: a negative value's are those of its magnitude, inverted."""
    return (values + (values < 0) * ((1 << sizes) - 1)).astype(np.uint64)


def _bit_lengths(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return _lengths_of_values()[np.abs(values)]


@lru_cache(maxsize=1)
def _lengths_of_values() -> NDArray[np.int64]:
    return np.array([min(value.bit_length(), MOST_BITS) for value in range(1 << 12)])
