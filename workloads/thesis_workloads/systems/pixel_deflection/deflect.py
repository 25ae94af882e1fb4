"""Pixel deflection.

Prakash, Moran, Garber, DiLillo and Storer, "Deflecting Adversarial Attacks with Pixel Deflection",
CVPR 2018; here as in the dissertation's chapter 4: algorithm 3, section 4.8 (a)-(d), table 4.11.

K attempts are made per image. Each picks a pixel uniformly from the image, skips it with the
probability that the saliency map gives there, and otherwise overwrites it, all channels together, with
a pixel drawn uniformly from the square of apothem r around it, cut to the image. Skips count as
attempts. Values are read from the image as it came, not from what earlier attempts wrote. Where two
attempts hit one pixel the later one wins.

Table 4.11 gives no width for Gaussian sampling: here the deviation is r / 2 pixels, cut to the same
square. Its minimum, maximum and mean are taken per channel over the square.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.defenses.counter_random import random_bits, random_integers, random_unit

_STREAMS = (0, 1, 2, 3)  # of the counter-based generator: target, row, column, level


@dataclass(frozen=True, kw_only=True)
class Deflections:
    """The random choices of K attempts on each of B images."""

    targets: Tensor  # (B, K) int64, row * W + column of the pixel to overwrite
    sources: Tensor  # (B, K) int64, row * W + column of the pixel to read
    levels: Tensor  # (B, K) float64 in [0, 1): the attempt stands where the map lies below it


def deflect(
    images: Tensor,
    *,
    seeds: Tensor,
    saliency: Tensor | None = None,
    num_deflections: int = 100,
    window: int = 10,
    sampling: str = "uniform",
    replacement: str = "random",
) -> Tensor:
    """Returns the deflected images, same shape; differentiable with respect to ``images``.

    Args:
        images: ``(B, C, H, W)``, any range.
        seeds: ``(B,)`` int64, one per image (`counter_random.image_seeds`).
        saliency: ``(B, H, W)`` in [0, 1], the probability that an attempt is skipped; None skips none.
        num_deflections: K, attempts per image, skipped ones included.
        window: r, apothem of the square in pixels.
        sampling: ``uniform`` or ``gaussian``: how the other pixel is drawn from the square (table 4.11).
        replacement: ``random`` (the drawn pixel) or ``min``, ``max``, ``mean`` of the square (table 4.11).

    Raises:
        ValueError: for a negative count or window, an unknown option, or shapes that don't fit.
    """
    _check(images, seeds, saliency, num_deflections, window)
    height, width = images.shape[-2:]
    deflections = draw_deflections(
        seeds, num=num_deflections, height=height, width=width, window=window, sampling=sampling
    )
    wins = winning_deflections(deflections, saliency, num_pixels=height * width)
    if replacement == "random":
        new, sources = images, deflections.sources
    else:
        new, sources = _summary_of_square(images, window, replacement), deflections.targets
    rows, numbers = wins.nonzero(as_tuple=True)
    planes = torch.arange(images.shape[1], device=images.device) + rows[:, None] * images.shape[1]
    written, read = (
        (planes * (height * width) + where[rows, numbers, None]).flatten()
        for where in (deflections.targets, sources)
    )
    values = new.reshape(-1).index_select(0, read)
    return images.reshape(-1).index_copy(0, written, values).view(images.shape)


def draw_deflections(
    seeds: Tensor, *, num: int, height: int, width: int, window: int, sampling: str = "uniform"
) -> Deflections:
    """Returns ``num`` attempts for each seed ``(B,)``; attempt i depends on the seed and on i only.

    Raises:
        ValueError: if ``sampling`` is neither ``uniform`` nor ``gaussian``.
    """
    target, row, column, level = random_bits(seeds, num=num, streams=_STREAMS)
    targets = random_integers(target, height * width)
    apothem = (
        max(height, width) if window > min(height, width) else window
    )  # the dissertation: then the whole image
    rows = _nearby(targets // width, height, apothem, row, sampling)
    columns = _nearby(targets % width, width, apothem, column, sampling)
    return Deflections(targets=targets, sources=rows * width + columns, levels=random_unit(level))


def winning_deflections(deflections: Deflections, saliency: Tensor | None, *, num_pixels: int) -> Tensor:
    """Returns ``(B, K)`` bool: the attempts that stand and are the last to do so at their pixel.

    The last is the largest attempt number that hit the pixel, which no order of execution can change.
    """
    batch, num = deflections.targets.shape
    device = deflections.targets.device
    numbers = torch.arange(num, device=device).expand(batch, num)
    if saliency is not None:
        stands = saliency.detach().flatten(1).gather(1, deflections.targets) < deflections.levels
        numbers = torch.where(stands, numbers, -1)
    pixels = deflections.targets + torch.arange(batch, device=device)[:, None] * num_pixels
    last = torch.full((batch * num_pixels,), -1, dtype=torch.int64, device=device)
    last.scatter_reduce_(0, pixels.flatten(), numbers.flatten(), "amax")
    return (last[pixels] == numbers) & (numbers >= 0)


def _nearby(positions: Tensor, size: int, apothem: int, bits: Tensor, sampling: str) -> Tensor:
    """Draws a position in [position - apothem, position + apothem] cut to 0..size - 1, along one axis.

    The cut square is a product of two intervals, so two independent draws are uniform over its pixels.
    """
    low, high = (positions - apothem).clamp(min=0), (positions + apothem).clamp(max=size - 1)
    if sampling == "uniform":
        return low + random_integers(bits, high - low + 1)
    if sampling != "gaussian":
        raise ValueError(f"sampling must be uniform or gaussian, got {sampling=}")
    deviation = max(apothem / 2, 1e-6)
    first, end = (low - positions - 0.5) / deviation, (high - positions + 0.5) / deviation
    below, above = torch.special.ndtr(first.double()), torch.special.ndtr(end.double())
    offsets = torch.special.ndtri(below + random_unit(bits) * (above - below)) * deviation
    return torch.minimum(torch.maximum(positions + offsets.round().long(), low), high)


def _summary_of_square(images: Tensor, window: int, replacement: str) -> Tensor:
    """Returns the minimum, maximum or mean over each pixel's square cut to the image, one axis at a time."""
    height, width = images.shape[-2:]
    apothem = max(height, width) if window > min(height, width) else window
    if replacement == "min":
        return -_summary_of_square(-images, window, "max")
    if replacement not in ("max", "mean"):
        raise ValueError(f"replacement must be random, min, max or mean, got {replacement=}")
    summary = images
    for kernel, padding in (((2 * apothem + 1, 1), (apothem, 0)), ((1, 2 * apothem + 1), (0, apothem))):
        if replacement == "max":
            summary = F.max_pool2d(summary, kernel, stride=1, padding=padding)
        else:
            summary = F.avg_pool2d(summary, kernel, stride=1, padding=padding, count_include_pad=False)
    return summary


def _check(images: Tensor, seeds: Tensor, saliency: Tensor | None, num_deflections: int, window: int) -> None:
    if images.ndim != 4:
        raise ValueError(f"images must have shape (B, C, H, W), got {images.shape=}")
    if seeds.shape != images.shape[:1]:
        raise ValueError(f"seeds must hold one seed per image, got {seeds.shape=} for {images.shape=}")
    if saliency is not None and saliency.shape != (len(images), *images.shape[-2:]):
        raise ValueError(f"saliency must have shape (B, H, W), got {saliency.shape=} for {images.shape=}")
    if num_deflections < 0 or window < 0:
        raise ValueError(f"K and window must be 0 or more, got {num_deflections=}, {window=}")
