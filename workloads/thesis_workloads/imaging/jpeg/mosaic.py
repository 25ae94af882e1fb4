"""The mosaic of algorithm 2, lines 2 to 5: every 8 x 8 block as a JPEG of that block's quality leaves it.

All blocks at once: one product with the 64 x 64 matrix of the two-dimensional DCT, then quantisation by the table
of each block's level. An image is worked through in bands of macroblocks, so memory stays bounded.

Deviation: the mosaic stays coefficients. The dissertation makes an image of it, rounded to 8-bit pixels, which the
final encoder transforms back; without that its coefficients are met exactly, and nothing is transformed twice.

``rounding="jpeg"`` is the dissertation's: a coefficient is rounded to its level's table here and to the final table
once more by the encoder. ``rounding="keep"`` is ours: what a level's table would round to zero becomes zero,
all else stays as it was, so nothing is rounded twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thesis_workloads.imaging.jpeg.planes import BLOCK, IN_MACROBLOCK, Plane, blocks_in_order, values_in_order
from thesis_workloads.imaging.jpeg.tables import (
    CHROMA,
    LUMA,
    scale_of_quality,
    tables_of_quality,
    tables_of_scale,
    zigzag_order,
)

ROUNDINGS = ("jpeg", "keep")
_BAND_PIXELS = 1 << 18  # what fits a core's cache together with its coefficients
_MIDDLE = 128 * BLOCK  # what a constant 128 adds to the first coefficient
_CELLS = BLOCK * BLOCK


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """A band of blocks in the order of a file, zeros left out."""

    first: NDArray[np.float32]  # (n,) the zeroth coefficient of every block
    before: NDArray[np.float32]  # (p,) of the last block of each plane in the band before; zeros at the start
    places: NDArray[
        np.int64
    ]  # (m,) of every further one, ascending: 64 times its block, plus 1..63 in zigzag
    cells: NDArray[np.int64]  # (m,) its place in both tables laid end to end: 0..127
    values: NDArray[np.float32]  # (m,)
    flatness: float = 0.0  # of the tables that the file will have: see `jpeg_tables`

    @property
    def num_planes(self) -> int:
        """3, or 1 for grey."""
        return len(self.before)

    @property
    def kinds(self) -> NDArray[np.int64]:
        """LUMA or CHROMA ``(n,)`` of each block."""
        return _kinds(len(self.first), self.num_planes)


def mosaic_coefficients(
    planes: list[Plane],
    levels: list[Tensor],
    qualities: tuple[float, ...],
    *,
    rounding: str = "jpeg",
    size: tuple[int, int] | None = None,
    flatness: float = 0.0,
) -> list[Coefficients]:
    """Returns the coefficients that quantising each block at its level leaves, band by band.

    Args:
        planes: uint8 ``(H, W)`` each, in whole blocks: luma, then chroma.
        levels: the level of each block ``(H / 8, W / 8)`` of each plane.
        qualities: the JPEG quality of each level.
        rounding: ``jpeg`` or ``keep``.
        flatness: of the levels' tables and of the file's: see `jpeg_tables`.
        size: width and height of the image; a block of luma beyond them is as the one before it, and costs nothing.

    Raises:
        ValueError: if the rounding is unknown.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {ROUNDINGS}, got {rounding=}")
    tables = _tables(qualities, flatness)
    before, done = np.zeros(len(planes), dtype=np.float32), []
    for rows, blocks in _bands(planes):
        of_band = [level[each].numpy() for level, each in zip(levels, blocks, strict=True)]
        pixels = blocks_in_order([plane[each] for plane, each in zip(planes, rows, strict=True)])
        chosen = 2 * values_in_order(of_band) + _kinds(len(pixels), len(planes))
        beyond = None if size is None else _beyond(blocks, size, len(planes))
        part = _quantised(pixels, chosen, tables, before, beyond, is_kept=rounding == "keep")
        done.append(replace(part, flatness=flatness))
        before = done[-1].first[-IN_MACROBLOCK:][[3, 4, 5] if len(planes) == 3 else [-1]]
    return done


def _bands(planes: list[Plane]) -> Iterator[tuple[list[slice], list[slice]]]:
    """Yields rows of pixels and rows of blocks of every plane."""
    height, width = planes[0].shape
    unit = BLOCK if len(planes) == 1 else 2 * BLOCK
    step = max(1, _BAND_PIXELS // (width * unit)) * unit
    for top in range(0, height, step):
        bottom = min(top + step, height)
        halves = [1, 2, 2][: len(planes)]
        rows = [slice(top // half, bottom // half) for half in halves]
        yield rows, [slice(each.start // BLOCK, each.stop // BLOCK) for each in rows]


def _beyond(blocks: list[slice], size: tuple[int, int], num_planes: int) -> NDArray[np.bool_] | None:
    """Returns whether each block of a band, in order, is luma beyond the image; None where none is."""
    across, down = (-(-side // BLOCK) for side in size)
    if num_planes == 1 or (across % 2 == 0 and blocks[0].stop <= down):
        return None
    rows, columns = np.arange(blocks[0].start, blocks[0].stop), np.arange(across + across % 2)
    luma = (rows[:, None] >= down) | (columns >= across)
    chroma = np.zeros((len(rows) // 2, len(columns) // 2), dtype=np.int64)
    return values_in_order([luma.astype(np.int64), chroma, chroma]).astype(np.bool_)


def _quantised(
    pixels: Plane,
    chosen: NDArray[np.int64],
    tables: NDArray[np.float32],
    before: NDArray[np.float32],
    beyond: NDArray[np.bool_] | None,
    *,
    is_kept: bool,
) -> Coefficients:
    """Returns blocks ``(n, 64)`` as quantised by the tables ``(2 k, 64)`` chosen for them."""
    exact = (torch.from_numpy(pixels).float() @ _transform()).numpy()
    exact[:, 0] -= _MIDDLE
    steps = (1 / tables)[chosen]
    np.multiply(steps, exact, out=steps)
    np.rint(steps, out=steps)
    first = exact[:, 0] * (steps[:, 0] != 0) if is_kept else steps[:, 0] * tables[chosen, 0]
    steps[:, 0] = 0
    if beyond is not None:
        steps[beyond] = 0
        first = first[np.maximum.accumulate(np.where(beyond, 0, np.arange(len(beyond))))]
    places = np.flatnonzero(steps.reshape(-1) != 0)
    at = places & (_CELLS - 1)
    of_blocks = chosen[places >> 6]
    values = exact.reshape(-1)[places] if is_kept else steps.reshape(-1)[places] * tables[of_blocks, at]
    return Coefficients(
        first=first, before=before, places=places, cells=at + _CELLS * (of_blocks & 1), values=values
    )


@lru_cache(maxsize=8)
def _tables(qualities: tuple[float, ...], flatness: float) -> NDArray[np.float32]:
    """Returns ``(2 k, 64)``: luma's and chroma's table of each level, one after the other."""
    tables = (
        tables_of_scale(scale_of_quality(quality), flatness) if flatness else tables_of_quality(quality)
        for quality in qualities
    )
    return np.concatenate(list(tables)).astype(np.float32)


@lru_cache(maxsize=8)
def _kinds(count: int, num_planes: int) -> NDArray[np.int64]:
    pattern = [LUMA] if num_planes == 1 else [LUMA] * 4 + [CHROMA] * 2
    return np.resize(np.array(pattern), count)


@lru_cache(maxsize=1)
def _transform() -> Tensor:
    """Returns the DCT of a block as a matrix ``(64, 64)``, from row-major pixels to zigzag order."""
    steps = np.arange(BLOCK)
    basis = np.cos(np.pi / BLOCK * (steps + 0.5) * steps[:, None]) * np.sqrt(2 / BLOCK)
    basis[0] /= np.sqrt(2)
    return torch.from_numpy(np.kron(basis, basis)[zigzag_order()].T).float().contiguous()
