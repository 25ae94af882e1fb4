"""Random resizing and padding: Xie et al., "Mitigating Adversarial Effects Through Randomization", ICLR 2018.

Table 4.6, second group. The published sizes, 299 enlarged to 331, become a ratio, so any input size works;
what the classifier then sees is larger than its usual input, which global pooling allows. With resizing
alone the image is brought back to its own size, since a batch can't hold images of different sizes.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.defenses.counter_random import random_bits, random_integers

_RATIO = 331 / 299
_STREAMS = (32, 33, 34)  # side, top, left


def resize_and_pad(images: Tensor, *, seeds: Tensor | None, resize: bool = True, pad: bool = True) -> Tensor:
    """Returns images enlarged to a random side (``resize``) and set at a random place in zeros (``pad``).

    Args:
        images: ``(B, C, N, N)``.
        seeds: ``(B,)`` int64, one per image.
        resize: draw a side in N..M - 1, where M is 331 / 299 of N, for each image.
        pad: return ``(B, C, M, M)`` with the image anywhere inside; else ``(B, C, N, N)``.

    Raises:
        ValueError: if seeds are missing or the images aren't square.
    """
    size = images.shape[-1]
    if seeds is None or len(seeds) != len(images) or images.shape[-2] != size:
        raise ValueError(f"seeds must be one per image and images square, got {seeds=}, {images.shape=}")
    largest = round(size * _RATIO)
    bits = random_bits(seeds, num=1, streams=_STREAMS)[..., 0]
    sides = size + random_integers(bits[0], largest - size) if resize else torch.full_like(bits[0], size)
    if not pad:
        return torch.cat(
            [_scale(_scale(image[None], int(side)), size) for image, side in zip(images, sides, strict=True)]
        )
    tops, lefts = (random_integers(each, largest - sides + 1) for each in bits[1:])
    return _place(images, sides, tops, lefts, largest)


def _scale(images: Tensor, side: int) -> Tensor:
    return F.interpolate(images, size=(side, side), mode="bilinear", align_corners=False)


def _place(images: Tensor, sides: Tensor, tops: Tensor, lefts: Tensor, largest: int) -> Tensor:
    """Samples every image of the batch at its own side and place in one call; zeros outside."""
    pixels = torch.arange(largest, device=images.device, dtype=images.dtype)
    rows, columns = (
        (pixels - start[:, None] + 0.5) / sides[:, None] for start in (tops, lefts)
    )  # 0..1 inside
    batch = (len(images), largest, largest)
    grid = torch.stack([columns[:, None, :].expand(batch), rows[:, :, None].expand(batch)], dim=3) * 2 - 1
    placed = F.grid_sample(
        images, grid.to(images), mode="bilinear", padding_mode="border", align_corners=False
    )
    is_inside = ((rows > 0) & (rows < 1))[:, :, None] & ((columns > 0) & (columns < 1))[:, None, :]
    return placed * is_inside[:, None]
