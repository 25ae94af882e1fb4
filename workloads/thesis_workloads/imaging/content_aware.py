"""Content-aware JPEG (sections 2.4 and 2.5, algorithm 2): finer where a map says so, no larger than a plain one.

The mosaic of `mosaic` becomes one standard JPEG whose quantisation tables are scaled until the file is as
large as the plain JPEG of the same image at a given quality, both in the same coding. One step of quality moves
a file by more than 1%, so the scale is any real number. It is found by counting bits (`match_size`), so the plain
file is encoded once, and ours in baseline coding as a rule once too.

``rounding="rate-distortion"`` is ours: no mosaic, but a price of a bit for each block by its saliency, and each
coefficient takes the value that is worth it (`rate_distortion`).

Deviation: chroma blocks at 4:2:0 take the mean saliency of the 16 x 16 pixels that they cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from thesis_workloads.imaging.jpeg.code_lengths import code_lengths
from thesis_workloads.imaging.jpeg.file import assemble_jpeg, encode_jpeg, header_bytes
from thesis_workloads.imaging.jpeg.match_size import SizeLimits, match_size
from thesis_workloads.imaging.jpeg.mosaic import ROUNDINGS as MOSAIC_ROUNDINGS
from thesis_workloads.imaging.jpeg.mosaic import Coefficients, mosaic_coefficients
from thesis_workloads.imaging.jpeg.optimal_coding import CODINGS, recode
from thesis_workloads.imaging.jpeg.planes import BLOCK, planes_of_image, values_in_order
from thesis_workloads.imaging.jpeg.rate_distortion import choose_coefficients
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
ROUNDINGS = ("rate-distortion", *MOSAIC_ROUNDINGS)
# Bits of the standard codes for each byte of a file of ours: in a plain coding a little over 8, as a zero is stuffed
# behind every 0xFF.
_BITS_PER_BYTE = {"baseline": 7.97, "optimal": 8.9}
_FIRST_GUESS = {"rate-distortion": 0.4, "keep": 0.88, "jpeg": 0.88}  # our scale over that of the plain JPEG
_REACH = 20  # of the levels' qualities to either side of the plain one
_FINEST = 0.15  # of the plain scale: a coefficient below half a step there is taken to be zero
_PRICE = 0.1  # squared error that a bit is worth where the map is 1, over the square of luma's first step
_FIRST_STEP = 16  # of luma at scale 1
_LEAST_OF_TARGET = 0.98  # a file of a given size is no larger, and not much smaller


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How to encode; all qualities on JPEG's scale of 1 to 100."""

    quality: float = 50  # of the plain JPEG whose size is matched
    num_levels: int = 5  # k
    q_low: float | None = (
        None  # of the least salient level; None: 20 below ``quality``, 30 for the dissertation's 50
    )
    q_high: float | None = None  # of the most salient one; None: 20 above, so 70
    spacing: str = "inclusive"  # or printed: see `quality_levels`
    rounding: str = "jpeg"  # or keep, see `mosaic`, or rate-distortion, see `rate_distortion`
    coding: str = "baseline"  # or optimal, of both files: see `optimal_coding`
    target_size: int | None = None  # bytes, in place of the size of the plain JPEG of ``quality``
    # How many times dearer a bit is where the map is 0 than where it is 1, and how flat the tables are: with
    # rounding rate-distortion alone. Chosen on photographs held out: tests/benchmarks/results/compress_peers.md.
    background_price: float = 32.0
    flatness: float = 0.5

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
    """A content-aware JPEG next to the plain one."""

    data: bytes
    plain: bytes
    levels: Tensor  # (h, w) int64: of each 8 x 8 block of luma
    level_qualities: tuple[float, ...]
    scale: float  # of the base tables
    num_encodes: int  # how often our file was written
    is_matched: bool  # whether ours is within the tolerance of the plain one's size, or below the target's
    coefficients: tuple[Coefficients, ...]  # of the mosaic
    block_levels: NDArray[np.int64]  # (n,) of every block of our file in its order, luma and chroma

    @property
    def size_ratio(self) -> float:
        """Our size over the plain one's."""
        return len(self.data) / len(self.plain)

    @property
    def final_quality(self) -> float:
        """The quality, any real number, of the tables of our file (Q_f)."""
        return quality_of_scale(self.scale)


def encode_content_aware(image: Image.Image, saliency: Tensor, settings: Encoding) -> Encoded:
    """Returns the content-aware JPEG of an image, as large as the plain one within `TOLERANCE` if it can be.

    Where it can't, what comes nearest is returned and `Encoded.is_matched` is False. With
    ``settings.target_size`` both files are of that size: ours no larger, and smaller by 2 % at most.

    Args:
        image: RGB or 8-bit grey.
        saliency: ``(H, W)`` in [0, 1], of the image's size or any other that covers it.
        settings: qualities and levels.

    Raises:
        ValueError: if a setting, the map or the image is not as it must be.
    """
    check_encoding(settings)
    is_weighted = settings.rounding == "rate-distortion"
    planes = planes_of_image(image)
    of_blocks = block_saliency(saliency[None], height=image.height, width=image.width)
    of_planes = _of_planes(of_blocks, planes)
    levels = [levels_of_saliency(each, num_levels=settings.num_levels) for each in of_planes]
    plain_scale, plain = _plain_file(image, settings)
    nearest = min(max(quality_of_scale(plain_scale), 1), 100)
    qualities = replace(settings, quality=nearest).level_qualities
    if is_weighted:
        finest, lowest = (
            quality_of_scale(max(_FINEST * plain_scale, 1e-3)),
            [torch.zeros_like(each) for each in levels],
        )
        parts = mosaic_coefficients(
            planes, lowest, (finest,), rounding="keep", size=image.size, flatness=settings.flatness
        )
    else:
        parts = mosaic_coefficients(planes, levels, qualities, rounding=settings.rounding, size=image.size)
    price = block_prices(of_planes, settings) if is_weighted else None
    coefficients_at = cache(partial(_coefficients, parts, price))
    limits = _limits(settings, plain)
    found = match_size(
        lambda scale: count_bits(coefficients_at(scale), scale),
        lambda scale: recode(
            assemble_jpeg(coefficients_at(scale), scale, width=image.width, height=image.height),
            settings.coding,
        ),
        limits,
        guess=_FIRST_GUESS[settings.rounding] * plain_scale,
        bits_per_byte=_BITS_PER_BYTE[settings.coding],
        overhead=header_bytes(plain),
        flatness=parts[0].flatness,
    )
    return Encoded(
        data=found.data,
        plain=plain,
        levels=levels[0][: -(-image.height // 8), : -(-image.width // 8)],
        level_qualities=qualities,
        scale=found.scale,
        num_encodes=found.num_written,
        is_matched=limits.holds(len(found.data)),
        coefficients=tuple(coefficients_at(found.scale)),
        block_levels=values_in_order([level.numpy() for level in levels]),
    )


def check_encoding(settings: Encoding) -> None:
    """Checks settings.

    Raises:
        ValueError: naming the first that is out of range, with what it may be.
    """
    settings.level_qualities  # noqa: B018  # checks them
    for name, allowed in (("rounding", ROUNDINGS), ("coding", CODINGS)):
        if (given := getattr(settings, name)) not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {name}={given!r}")
    if settings.background_price < 1:
        raise ValueError(f"background_price must be 1 or more, got {settings.background_price=}")
    if not 0 <= settings.flatness <= 1:
        raise ValueError(f"flatness must be within 0..1, got {settings.flatness=}")
    if settings.target_size is not None and settings.target_size < 1:
        raise ValueError(f"target_size must be 1 byte or more, got {settings.target_size=}")


def block_prices(of_planes: Sequence[Tensor], settings: Encoding) -> NDArray[np.float32]:
    """Returns ``(n,)``: what a bit of each block in a file's order is worth at scale 1, in squared error.

    Grows from where the map is 1 to where it is 0 by ``background_price``, evenly in logarithms.
    """
    prices = [_PRICE * _FIRST_STEP**2 * settings.background_price ** (1 - each) for each in of_planes]
    return values_in_order([each.numpy().astype(np.float32) for each in prices])


def _coefficients(
    parts: Sequence[Coefficients], price: NDArray[np.float32] | None, scale: float
) -> Sequence[Coefficients]:
    """Returns the coefficients quantised at a scale: the mosaic's, or with prices those worth their bits."""
    if price is None:
        return parts
    lengths, ends = code_lengths(parts, scale), np.cumsum([len(part.first) for part in parts])
    scaled = np.split(price * np.float32(scale**2), ends[:-1])
    return [choose_coefficients(part, scale, each, lengths) for part, each in zip(parts, scaled, strict=True)]


def _of_planes(of_blocks: Tensor, planes: Sequence[NDArray[np.uint8]]) -> list[Tensor]:
    """Returns the saliency of each block of each plane."""
    chroma = chroma_saliency(of_blocks)[0]
    return [
        each[: plane.shape[0] // BLOCK, : plane.shape[1] // BLOCK].contiguous()
        for each, plane in zip((of_blocks[0], chroma, chroma), planes, strict=False)
    ]


def _plain_file(image: Image.Image, settings: Encoding) -> tuple[float, bytes]:
    """Returns scale and file of the plain JPEG: of the quality, or as large as the target."""

    def plain_at(scale: float) -> bytes:
        return recode(encode_jpeg(image, scale), settings.coding)

    scale = scale_of_quality(settings.quality)
    if settings.target_size is None:
        return scale, plain_at(scale)
    scale = scale_for_bits(
        lambda each: len(plain_at(each)),
        settings.target_size,
        guess=max(scale, 1e-3),
        tolerance=TOLERANCE / 2,
    )
    return scale, plain_at(scale)


def _limits(settings: Encoding, plain: bytes) -> SizeLimits:
    if settings.target_size is not None:
        most = settings.target_size
        return SizeLimits(least=_LEAST_OF_TARGET * most, wanted=(1 + _LEAST_OF_TARGET) / 2 * most, most=most)
    size = len(plain)
    return SizeLimits(least=(1 - TOLERANCE) * size, wanted=size, most=(1 + TOLERANCE) * size)


def bits_of_levels(encoded: Encoded) -> tuple[int, ...]:
    """Returns the bits that the blocks of each level take in our file, luma and chroma together.

    Headers and the zeros that are stuffed behind every 0xFF belong to no level.
    """
    bits = np.concatenate([bits_of_blocks(part, encoded.scale) for part in encoded.coefficients])
    sums = np.bincount(encoded.block_levels, weights=bits, minlength=len(encoded.level_qualities))
    return tuple(int(each) for each in sums)


def blocks_of_levels(encoded: Encoded) -> tuple[int, ...]:
    """Returns the number of blocks of our file at each level, luma and chroma together."""
    counts = np.bincount(encoded.block_levels, minlength=len(encoded.level_qualities))
    return tuple(int(each) for each in counts)


def quality_of_blocks(encoded: Encoded) -> Tensor:
    """Returns ``(h, w)``: the quality that each block was given in the mosaic."""
    return torch.tensor(encoded.level_qualities)[encoded.levels]
