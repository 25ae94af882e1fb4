"""Content-aware JPEG (sections 2.4 and 2.5, algorithm 2): finer where a map says so, no larger than a plain one.

The mosaic of `mosaic` becomes one standard JPEG whose quantisation tables are scaled until the file is as
large as the plain JPEG of the same image at a given quality. One step of quality moves a file by more than 1%,
so the scale is any real number. It is found by counting bits on the mosaic's coefficients; the encoder runs
once for the plain file and, as a rule, once for ours.

Deviation: chroma blocks at 4:2:0 take the mean saliency of the 16 x 16 pixels that they cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.imaging.jpeg_file import encode_jpeg, scan_bits
from thesis_workloads.imaging.jpeg_planes import image_of_planes, planes_of_image
from thesis_workloads.imaging.jpeg_size import count_bits, scale_for_bits
from thesis_workloads.imaging.jpeg_tables import quality_of_scale, scale_of_quality
from thesis_workloads.imaging.mosaic import Coefficients, mosaic_planes
from thesis_workloads.imaging.quality_levels import (
    block_saliency,
    chroma_saliency,
    level_qualities,
    levels_of_saliency,
)

TOLERANCE = 0.01  # of the plain file's size, to either side
_AIM = 0.008  # another encode is worth its time only beyond this
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
    mosaic: Image.Image  # what was encoded: YCbCr, or L
    levels: Tensor  # (h, w) int64: of each 8 x 8 block of luma
    level_qualities: tuple[float, ...]
    scale: float  # of the base tables
    num_encodes: int  # runs of the encoder for our file

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
    pieced, left = mosaic_planes(planes, levels, qualities, rounding=settings.rounding)
    mosaic = image_of_planes(pieced, width=image.width, height=image.height)
    plain = encode_jpeg(image, plain_scale)
    scale, data, num_encodes = _matched(mosaic, left, plain, guess=plain_scale)
    return Encoded(
        data=data,
        plain=plain,
        mosaic=mosaic,
        levels=luma[: -(-image.height // 8), : -(-image.width // 8)],
        level_qualities=qualities,
        scale=scale,
        num_encodes=num_encodes,
    )


def _matched(
    mosaic: Image.Image, left: Sequence[Coefficients], plain: bytes, *, guess: float
) -> tuple[float, bytes, int]:
    """Returns scale and file nearest to the plain one's size, and how often the encoder ran."""
    bits_at = partial(count_bits, left)
    wanted = float(scan_bits(plain))
    aim, tried = wanted, dict[float, bytes]()
    for _ in range(_MOST_ENCODES):
        scale = scale_for_bits(bits_at, aim, guess=guess)
        if scale in tried:
            break
        tried[scale] = encode_jpeg(mosaic, scale)
        if abs(len(tried[scale]) / len(plain) - 1) <= _AIM:
            break
        aim *= wanted / scan_bits(tried[scale])
        guess = scale
    best = min(tried, key=lambda each: abs(len(tried[each]) - len(plain)))
    return best, tried[best], len(tried)


def quality_of_blocks(encoded: Encoded) -> Tensor:
    """Returns ``(h, w)``: the quality that each block was given in the mosaic."""
    return torch.tensor(encoded.level_qualities)[encoded.levels]
