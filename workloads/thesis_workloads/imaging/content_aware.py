"""Content-aware JPEG (sections 2.4 and 2.5, algorithm 2): finer where a map says so, no larger than a plain one.

The mosaic of `mosaic` becomes one standard JPEG whose quantisation tables are scaled until the file is as
large as the plain JPEG of the same image at a given quality. One step of quality moves a file by more than 1%,
so the scale is any real number. It is found by counting the very bits that are then written, so the plain file
is encoded once and ours, but for the zeros that are stuffed into it, as a rule once.

Deviation: chroma blocks at 4:2:0 take the mean saliency of the 16 x 16 pixels that they cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from thesis_workloads.imaging.jpeg.file import assemble_jpeg, encode_jpeg, scan_bits
from thesis_workloads.imaging.jpeg.mosaic import Coefficients, mosaic_coefficients
from thesis_workloads.imaging.jpeg.planes import BLOCK, planes_of_image, values_in_order
from thesis_workloads.imaging.jpeg.scan import bits_of_blocks, count_bits
from thesis_workloads.imaging.jpeg.size import scale_for_bits
from thesis_workloads.imaging.jpeg.tables import quality_of_scale, scale_of_quality
from thesis_workloads.imaging.quality_levels import (
    block_saliency,
    chroma_saliency,
    level_qualities,
    levels_of_saliency,
)

TOLERANCE = 0.01  # of the plain file's size, to either side
_AIM = 0.005  # of the bits that are counted: leaves room for the zeros that are stuffed behind every 0xFF
# By how much of a file those are more than in the plain one, roughly. Where blocks were rounded before, long codes
# are more frequent, and those begin with ones.
_MORE_STUFFED = 0.004
_FIRST_GUESS = 0.88  # our scale is usually a little below that of the plain JPEG
_MOST_ENCODES = 6
_REACH = 20  # of the levels' qualities to either side of the plain one


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How to encode; all qualities on JPEG's scale of 1 to 100."""

    quality: float = 50  # of the plain JPEG whose size is matched
    num_levels: int = 5  # k
    q_low: float | None = None  # of the least salient level; None: 20 below ``quality``, 30 for the text's 50
    q_high: float | None = None  # of the most salient one; None: 20 above, so 70
    spacing: str = "inclusive"  # or printed: see `quality_levels`
    rounding: str = "jpeg"  # or keep: see `mosaic`

    @property
    def level_qualities(self) -> tuple[float, ...]:
        """The quality of each level, the least salient first."""
        return level_qualities(
            num_levels=self.num_levels,
            q_low=max(1, self.quality - _REACH) if self.q_low is None else self.q_low,
            q_high=min(100, self.quality + _REACH) if self.q_high is None else self.q_high,
            spacing=self.spacing,
        )


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A content-aware JPEG beside the plain one."""

    data: bytes
    plain: bytes
    levels: Tensor  # (h, w) int64: of each 8 x 8 block of luma
    level_qualities: tuple[float, ...]
    scale: float  # of the base tables
    num_encodes: int  # how often our file was written
    coefficients: tuple[Coefficients, ...]  # of the mosaic
    block_levels: NDArray[np.int64]  # (n,) of every block of our file in its order, luma and chroma

    @property
    def size_ratio(self) -> float:
        """Our size over the plain one's."""
        return len(self.data) / len(self.plain)

    @property
    def is_matched(self) -> bool:
        """Whether the two differ by no more than the tolerance."""
        return abs(self.size_ratio - 1) <= TOLERANCE

    @property
    def final_quality(self) -> float:
        """The quality, any real number, of the tables of our file (Q_f)."""
        return quality_of_scale(self.scale)


def encode_content_aware(image: Image.Image, saliency: Tensor, settings: Encoding) -> Encoded:
    """Returns the content-aware JPEG of an image, as large as the plain one within `TOLERANCE` if it can be.

    Where it can't, what comes nearest is returned and `Encoded.is_matched` is False.

    Args:
        image: RGB or 8-bit grey.
        saliency: ``(H, W)`` in [0, 1], of the image's size or any other that covers it.
        settings: qualities and levels.

    Raises:
        ValueError: if a setting, the map or the image is not as it must be.
    """
    plain_scale, qualities = scale_of_quality(settings.quality), settings.level_qualities
    planes = planes_of_image(image)
    of_blocks = block_saliency(saliency[None], height=image.height, width=image.width)
    luma = levels_of_saliency(of_blocks, num_levels=settings.num_levels)[0]
    chroma = levels_of_saliency(chroma_saliency(of_blocks), num_levels=settings.num_levels)[0]
    levels = [luma, chroma, chroma][: len(planes)]
    levels = [
        each[: plane.shape[0] // BLOCK, : plane.shape[1] // BLOCK]
        for each, plane in zip(levels, planes, strict=True)
    ]
    parts = mosaic_coefficients(planes, levels, qualities, rounding=settings.rounding, size=image.size)
    plain = encode_jpeg(image, plain_scale)
    scale, data, num_encodes = _matched(
        parts, plain, guess=plain_scale, width=image.width, height=image.height
    )
    return Encoded(
        data=data,
        plain=plain,
        levels=luma[: -(-image.height // 8), : -(-image.width // 8)],
        level_qualities=qualities,
        scale=scale,
        num_encodes=num_encodes,
        coefficients=tuple(parts),
        block_levels=values_in_order([level.numpy() for level in levels]),
    )


def _matched(
    parts: Sequence[Coefficients], plain: bytes, *, guess: float, width: int, height: int
) -> tuple[float, bytes, int]:
    """Returns scale and file nearest to the plain one's size, and how often ours was written."""
    bits_at = cache(partial(count_bits, parts))
    aim, tried = (1 - _MORE_STUFFED) * scan_bits(plain), dict[float, bytes]()
    guess *= _FIRST_GUESS
    for _ in range(_MOST_ENCODES):
        scale = scale_for_bits(bits_at, aim, guess=guess, tolerance=_AIM)
        if scale in tried:
            break
        tried[scale] = assemble_jpeg(parts, scale, width=width, height=height)
        difference = len(tried[scale]) - len(plain)
        if abs(difference) <= TOLERANCE * len(plain):
            break
        aim -= 8 * difference
        guess = scale
    best = min(tried, key=lambda each: abs(len(tried[each]) - len(plain)))
    return best, tried[best], len(tried)


def bits_of_levels(encoded: Encoded) -> tuple[int, ...]:
    """Returns the bits that the blocks of each level take in our file, luma and chroma together.

    Headers and the zeros that are stuffed behind every 0xFF belong to no level.
    """
    bits = np.concatenate([bits_of_blocks(part, encoded.scale) for part in encoded.coefficients])
    sums = np.bincount(encoded.block_levels, weights=bits, minlength=len(encoded.level_qualities))
    return tuple(int(each) for each in sums)


def blocks_of_levels(encoded: Encoded) -> tuple[int, ...]:
    """Returns how many blocks of our file each level has, luma and chroma together."""
    counts = np.bincount(encoded.block_levels, minlength=len(encoded.level_qualities))
    return tuple(int(each) for each in counts)


def quality_of_blocks(encoded: Encoded) -> Tensor:
    """Returns ``(h, w)``: the quality that each block was given in the mosaic."""
    return torch.tensor(encoded.level_qualities)[encoded.levels]
