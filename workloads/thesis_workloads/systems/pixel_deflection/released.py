"""Pixel deflection as the published program does it (``variant="released"``), to compare with its numbers.

It departs from the dissertation's algorithm 3 (see `deflect`) in five ways, all kept here: every attempt moves
one channel of its own random pixel; attempts go round the channels, and a round once begun is finished;
an attempt is skipped where a uniform number lies below the map, and skips are not counted; a value read
may be one that an earlier attempt wrote; row 0 and column 0 are never read.

What is read in place is a chain of copies that ends at an untouched value. The chain is resolved for all
images at once: the previous write to the pixel read is found in a sorted list, then links are doubled.
"""

import torch
from torch import Tensor

from thesis_workloads.defenses.counter_random import random_bits, random_integers, random_unit
from thesis_workloads.systems.pixel_deflection.deflect import Deflections

_STREAMS = (16, 17, 18, 19)  # target, row, column, level; the dissertation's variant uses others
_LEAST_SHARE = 1e-3  # below this mean chance of standing, the published loop practically never ends


def deflect_released(
    images: Tensor,
    *,
    seeds: Tensor,
    saliency: Tensor | None = None,
    num_deflections: int = 100,
    window: int = 10,
) -> Tensor:
    """Returns the deflected images ``(B, C, H, W)``, same shape; differentiable with respect to ``images``.

    Args:
        images: ``(B, C, H, W)``, any range, H and W at least 2.
        seeds: ``(B,)`` int64, one per image.
        saliency: ``(B, H, W)`` in [0, 1], the probability of a skip; None skips none.
        num_deflections: values overwritten per image, up to C - 1 more to finish a round.
        window: r, apothem of the square in pixels.

    Raises:
        ValueError: if H or W is below 2, a count is negative, or the map lets hardly any attempt stand.
    """
    channels, height, width = images.shape[1:]
    if min(height, width) < 2 or num_deflections < 0 or window < 1:
        raise ValueError(
            f"H and W must be 2 or more, K 0 or more, window 1 or more,"
            f" got {images.shape=}, {num_deflections=}, {window=}"
        )
    deflections, stands = standing_attempts(
        seeds,
        saliency=saliency,
        num_deflections=num_deflections,
        channels=channels,
        height=height,
        width=width,
        window=window,
    )
    written, read = _copies(deflections, stands, channels=channels, num_pixels=height * width)
    flat = images.reshape(-1)
    return flat.index_copy(0, written, flat.index_select(0, read)).view(images.shape)


def standing_attempts(
    seeds: Tensor,
    *,
    saliency: Tensor | None,
    num_deflections: int,
    channels: int,
    height: int,
    width: int,
    window: int,
) -> tuple[Deflections, Tensor]:
    """Returns the attempts ``(B, T)``, attempt t on channel t mod C, and a bool for each: does it write?"""
    share = 1.0 if saliency is None else float((1 - saliency).mean(dim=(1, 2)).min())
    if share < _LEAST_SHARE:
        raise ValueError(f"saliency must let at least one attempt in a thousand stand, got {share=}")
    rounds = int(1.25 * num_deflections / share / channels) + 8
    while True:
        deflections = _draw(seeds, num=rounds * channels, height=height, width=width, window=window)
        stands = torch.ones_like(deflections.targets, dtype=torch.bool)
        if saliency is not None:
            stands = deflections.levels >= saliency.flatten(1).gather(1, deflections.targets)
        done = stands.view(len(seeds), rounds, channels).sum(2).cumsum(1)
        if num_deflections == 0 or bool((done[:, -1] >= num_deflections).all()):
            break
        rounds *= 2
    before = torch.cat([torch.zeros_like(done[:, :1]), done[:, :-1]], dim=1)
    is_begun = (before < num_deflections).repeat_interleave(channels, dim=1)
    return deflections, stands & is_begun


def _draw(seeds: Tensor, *, num: int, height: int, width: int, window: int) -> Deflections:
    target, row, column, level = random_bits(seeds, num=num, streams=_STREAMS)
    targets = random_integers(target, height * width)
    rows = _nearby(targets // width, height, window, row)
    columns = _nearby(targets % width, width, window, column)
    return Deflections(targets=targets, sources=rows * width + columns, levels=random_unit(level))


def _nearby(positions: Tensor, size: int, window: int, bits: Tensor) -> Tensor:
    low, high = (positions - window).clamp(min=1), (positions + window).clamp(max=size - 1)
    return low + random_integers(bits, high - low + 1)


def _copies(
    deflections: Deflections, stands: Tensor, *, channels: int, num_pixels: int
) -> tuple[Tensor, Tensor]:
    """Returns the changed positions of the flat batch, each once, and the positions of their new values."""
    batch, num = deflections.targets.shape
    device = deflections.targets.device
    times = torch.arange(num, device=device)
    planes = torch.arange(batch, device=device)[:, None] * channels + times % channels
    written, read = (planes * num_pixels + where for where in (deflections.targets, deflections.sources))
    roots = _first_reads((written * num + times).flatten(), (read * num + times).flatten(), stands, num)
    last = torch.full((batch * channels * num_pixels,), -1, dtype=torch.int64, device=device)
    last.scatter_reduce_(0, written.flatten(), torch.where(stands, times, -1).flatten(), "amax")
    wins = ((last[written] == times) & stands).flatten()
    return written.flatten()[wins], read.flatten()[roots[wins]]


def _first_reads(written: Tensor, read: Tensor, stands: Tensor, num: int) -> Tensor:
    """Follows each attempt's chain of copies to the attempt that read an untouched value.

    ``written`` and ``read`` number (plane, pixel, time) in that order, so the largest write below a read,
    if it is of the same pixel, is the write whose value is read.
    """
    never = torch.iinfo(torch.int64).max
    ordered, order = torch.where(stands.flatten(), written, never).sort()
    before = torch.searchsorted(ordered, read) - 1
    previous = ordered[before.clamp(min=0)]
    is_copy = (before >= 0) & (previous // num == read // num)
    links = torch.where(is_copy, order[before.clamp(min=0)], torch.arange(len(read), device=read.device))
    for _ in range(max(num, 1).bit_length()):
        links = links[links]
    return links
