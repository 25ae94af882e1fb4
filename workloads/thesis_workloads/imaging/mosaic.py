"""The mosaic of algorithm 2, lines 2 to 5: every 8 x 8 block as a JPEG of that block's quality leaves it.

All blocks at once: one product with the 64 x 64 matrix of the two-dimensional DCT, quantisation by the table
of the block's level, one product back. Blocks are sorted by level, so that each table is applied to one slab.
An image is worked through in bands of rows, so memory stays bounded whatever its size.

``rounding="jpeg"`` is the text's: a coefficient is rounded to its level's table here and to the final table
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

from thesis_workloads.imaging.jpeg_planes import Plane
from thesis_workloads.imaging.jpeg_tables import CHROMA, LUMA, tables_of_quality, zigzag_order
from thesis_workloads.imaging.quality_levels import BLOCK

ROUNDINGS = ("jpeg", "keep")
_BAND_PIXELS = 1 << 19  # what fits a core's cache together with its coefficients
_MIDDLE = 128 * 8  # what a constant 128 adds to the first coefficient


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """The coefficients that are not zero in a band of one plane, for reckoning with its size in bits."""

    kind: int  # LUMA or CHROMA
    first: NDArray[np.float32]  # (n,) of every block, in the order they are coded: the zeroth coefficient
    places: NDArray[np.int64]  # (m,) of every further one: 64 times its block, in any order, plus 1..63
    sizes: NDArray[np.float32]  # (m,) its magnitude, as the encoder will find it in whole pixels


def mosaic_planes(
    planes: list[Plane], levels: list[Tensor], qualities: tuple[float, ...], *, rounding: str = "jpeg"
) -> tuple[list[Plane], list[Coefficients]]:
    """Returns the planes quantised at each block's level, and the coefficients that were left.

    Args:
        planes: uint8 ``(H, W)`` each, in whole blocks: luma, then chroma.
        levels: the level of each block ``(H / 8, W / 8)`` of each plane.
        qualities: the JPEG quality of each level.
        rounding: ``jpeg`` or ``keep``.

    Raises:
        ValueError: if the rounding is unknown.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {ROUNDINGS}, got {rounding=}")
    tables = _tables(qualities)
    done, left = [], []
    for number, (plane, level) in enumerate(zip(planes, levels, strict=True)):
        kind = LUMA if number == 0 else CHROMA
        has_macroblocks = number == 0 and len(planes) > 1
        target = np.empty_like(plane)
        for rows in _bands(plane):
            blocks = rows.start // BLOCK, rows.stop // BLOCK
            band, kept = _quantised(
                plane[rows], level[blocks[0] : blocks[1]], tables[:, kind], kind, rounding
            )
            target[rows] = band
            left.append(_in_coded_order(kept, width=plane.shape[1] // BLOCK) if has_macroblocks else kept)
        done.append(target)
    return done, left


def _bands(plane: Plane) -> Iterator[slice]:
    height, width = plane.shape
    step = max(1, _BAND_PIXELS // (width * 2 * BLOCK)) * 2 * BLOCK
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def _quantised(
    plane: Plane, level: Tensor, tables: Tensor, kind: int, rounding: str
) -> tuple[Plane, Coefficients]:
    forward, backward = _transforms()
    order = level.flatten().argsort()
    pixels = torch.from_numpy(np.take(_rows_of_blocks(plane), order.numpy(), axis=0).view(np.uint8)).float()
    coefficients = pixels @ forward
    coefficients[:, 0] -= _MIDDLE
    counts = level.flatten().bincount(minlength=len(tables)).tolist()
    for slab, table in zip(coefficients.split(counts), tables, strict=True):
        if rounding == "jpeg":
            slab.div_(table).round_().mul_(table)
        else:
            slab.mul_(slab.abs() >= table / 2)
    kept = _kept(coefficients, order, kind)
    coefficients[:, 0] += _MIDDLE + 0.5 * BLOCK  # half a level more in every pixel: cutting off then rounds
    torch.mm(coefficients, backward, out=pixels)
    done = np.empty((len(order), BLOCK), dtype=np.uint64)
    done[order.numpy()] = pixels.clamp_(0, 255).byte().numpy().view(np.uint64)
    return _plane_of_rows(done, plane.shape), kept


def _rows_of_blocks(plane: Plane) -> NDArray[np.uint64]:
    """Returns ``(n, 8)``: the blocks of a plane in reading order, a row of eight pixels as one number."""
    height, width = plane.shape
    rows = np.ascontiguousarray(plane).view(np.uint64).reshape(height // BLOCK, BLOCK, width // BLOCK)
    return np.ascontiguousarray(rows.transpose(0, 2, 1)).reshape(-1, BLOCK)


def _plane_of_rows(rows: NDArray[np.uint64], shape: tuple[int, ...]) -> Plane:
    height, width = shape
    tiles = rows.reshape(height // BLOCK, width // BLOCK, BLOCK).transpose(0, 2, 1)
    return np.ascontiguousarray(tiles).view(np.uint8).reshape(height, width)


def _kept(coefficients: Tensor, order: Tensor, kind: int) -> Coefficients:
    first = torch.empty(len(coefficients))
    first[order] = coefficients[:, 0]
    flat = coefficients.numpy().reshape(-1)
    at = np.flatnonzero(flat != 0)
    at = at[at & 63 != 0]
    sizes = np.abs(flat[at]) + np.resize(_pixel_noise(), at.shape)
    return Coefficients(kind=kind, first=first.numpy(), places=at, sizes=sizes)


def _in_coded_order(kept: Coefficients, *, width: int) -> Coefficients:
    """Returns the zeroth coefficients of luma four by four, as macroblocks hold them."""
    fours = kept.first.reshape(-1, 2, width // 2, 2).transpose(0, 2, 1, 3)
    return replace(kept, first=fours.reshape(-1))


@lru_cache(maxsize=8)
def _tables(qualities: tuple[float, ...]) -> Tensor:
    return torch.from_numpy(np.stack([tables_of_quality(quality) for quality in qualities])).float()


@lru_cache(maxsize=1)
def _pixel_noise() -> NDArray[np.float32]:
    """Returns what rounding pixels to whole levels adds to a coefficient: it decides which way ties fall."""
    return np.random.default_rng(0).normal(0, 12**-0.5, 4096).astype(np.float32)


@lru_cache(maxsize=1)
def _transforms() -> tuple[Tensor, Tensor]:
    """Returns the DCT of a block as a matrix ``(64, 64)``, pixels to zigzag order, and its inverse."""
    steps = np.arange(BLOCK)
    basis = np.cos(np.pi / BLOCK * (steps + 0.5) * steps[:, None]) * np.sqrt(2 / BLOCK)
    basis[0] /= np.sqrt(2)
    both = torch.from_numpy(np.kron(basis, basis)[zigzag_order()]).float()
    return both.T.contiguous(), both
