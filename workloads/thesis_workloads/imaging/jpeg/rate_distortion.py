"""Which value each coefficient of a JPEG takes: the least squared error plus the bits that it costs.

A trellis over the coefficients of a block, as mozjpeg's, but with a price of a bit per block: cheap where a map
is high, dear where it is low. Each coefficient is kept, lowered to the largest value that needs a bit less, or
left out, by dynamic programming over the last coefficient that is kept. That is the least cost of a block, as the
bits of a coefficient depend on the run of zeros before it and on nothing else. Blocks that have about as many
coefficients are worked through together.

Source: Crouse and Ramchandran, "Joint thresholding and quantizer selection for transform image coding", IEEE
Transactions on Image Processing 6 (2), 1997, for the cost; the weights by a map are ours.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.imaging.jpeg.code_lengths import CodeLengths
from thesis_workloads.imaging.jpeg.mosaic import Coefficients
from thesis_workloads.imaging.jpeg.tables import tables_of_scale

_CELLS = 64
_LAST = 63
_LARGEST = 1023
_GROUPS = (1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 63)  # coefficients of a block, at most, in each group
_NEVER = np.float32(1e30)


def choose_coefficients(
    part: Coefficients, scale: float, price: NDArray[np.float32], lengths: CodeLengths
) -> Coefficients:
    """Returns a band whose coefficients are whole steps of the tables at ``scale``, those left out removed.

    Args:
        part: exact coefficients.
        scale: of the base tables.
        price: ``(n,)`` squared error, in levels, that a bit of each block is worth; at least 0.
        lengths: bits of the codes.
    """
    steps = tables_of_scale(scale, part.flatness).astype(np.float32).reshape(-1)[part.cells]
    sizes = np.abs(part.values)
    whole = np.rint(sizes / steps).clip(0, _LARGEST)
    near = np.flatnonzero(whole)
    places, blocks = part.places[near], part.places[near] >> 6
    counts = np.bincount(blocks, minlength=len(part.first))
    starts = np.cumsum(counts) - counts
    chosen = np.zeros(len(near), dtype=np.float32)
    exact, whole, steps = sizes[near], whole[near].astype(np.int64), steps[near]
    kinds, at_least = part.kinds, 0
    for most in _GROUPS:
        members = np.flatnonzero((counts > at_least) & (counts <= most))
        at_least = most
        if len(members) == 0:
            continue
        columns = np.arange(most)
        is_there = columns < counts[members, None]
        index = np.where(is_there, starts[members, None] + columns, 0)
        found = _chosen_of_group(
            at=places[index] & _LAST,
            exact=exact[index],
            whole=whole[index],
            steps=steps[index],
            is_there=is_there,
            price=price[members],
            codes=lengths.further.reshape(-1),
            first_code=kinds[members] * lengths.further.shape[1],
            end=lengths.end[kinds[members]],
        )
        chosen[index[is_there]] = found[is_there]
    left = np.flatnonzero(chosen)
    values = np.copysign(chosen[left] * steps[left], part.values[near[left]])
    return replace(part, places=places[left], cells=part.cells[near[left]], values=values)


def _chosen_of_group(
    *,
    at: NDArray[np.int64],
    exact: NDArray[np.float32],
    whole: NDArray[np.int64],
    steps: NDArray[np.float32],
    is_there: NDArray[np.bool_],
    price: NDArray[np.float32],
    codes: NDArray[np.float32],
    first_code: NDArray[np.int64],
    end: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Returns the value ``(b, m)`` of each coefficient, 0 where it is left out.

    All are ``(b, m)``, the places of a block ascending, but ``price``, ``end`` and ``first_code`` ``(b,)`` and
    ``codes``, the bits of luma and then chroma; a block's begin at its ``first_code``, by zeros before << 4 | size.
    """
    count, most = at.shape
    rows = np.arange(count)
    size = _bit_lengths(whole)
    lower = (
        1 << np.maximum(size - 1, 0)
    ) - 1  # the largest that needs a bit less; 0 is for the run to decide
    gains = [
        np.square(exact - value * steps) - np.square(exact) for value in (whole.astype(np.float32), lower)
    ]
    offset = first_code[:, None]
    cost = np.full((count, most + 1), _NEVER, dtype=np.float32)
    cost[:, 0] = 0
    before = np.zeros((count, most), dtype=np.int64)
    is_lower = np.zeros((count, most), dtype=np.bool_)
    ends = np.zeros((count, most + 1), dtype=np.int64)  # place that each run starts after
    ends[:, 1:] = at
    for number in range(most):
        runs = at[:, number, None] - ends[:, : number + 1] - 1
        keys = offset + (np.maximum(runs, 0) << 4) + size[:, number, None]
        earlier = cost[:, : number + 1]
        kept = earlier + price[:, None] * codes[keys] + gains[0][:, number, None]
        dropped = np.where(
            size[:, number, None] > 1,
            earlier + price[:, None] * codes[keys - 1] + gains[1][:, number, None],
            _NEVER,
        )
        both = np.minimum(kept, dropped)
        best = both.argmin(1)
        before[:, number] = best
        is_lower[:, number] = dropped[rows, best] < kept[rows, best]
        cost[:, number + 1] = np.where(is_there[:, number], both[rows, best], _NEVER)
    closed = cost + np.where(ends == _LAST, 0, (price * end)[:, None])
    last = closed.argmin(1)
    chosen = np.zeros((count, most), dtype=np.float32)
    for _ in range(most):
        open_rows = np.flatnonzero(last)
        if len(open_rows) == 0:
            break
        columns = last[open_rows] - 1
        chosen[open_rows, columns] = np.where(
            is_lower[open_rows, columns], lower[open_rows, columns], whole[open_rows, columns]
        )
        last[open_rows] = before[open_rows, columns]
    return chosen


def _bit_lengths(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.frexp(values.astype(np.float32))[1].astype(np.int64)
