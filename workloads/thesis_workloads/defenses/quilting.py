"""Image quilting: Efros and Freeman, SIGGRAPH 2001, as a defence by Guo et al., ICLR 2018; table 4.6.

The image is put together again from patches of clean images only: on a grid of overlapping places, each is
given one of the bank's patches nearest to what was there, drawn at random.

Deviation: patches are averaged where they overlap, instead of being joined along the cheapest seam. All
places of a batch are then filled at once, and an overlap of two pixels leaves a seam little to choose.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.defenses.counter_random import random_bits, random_integers

_BANK, _CHOICE = (64,), (65,)  # streams
_QUERIES_AT_ONCE = 2048  # keeps the table of distances to a large bank within some hundred MB


def patch_bank(images: Tensor, *, num_patches: int, size: int, seed: int) -> Tensor:
    """Returns ``(num_patches, C, size, size)``: patches at random places of clean images ``(B, C, H, W)``.

    Raises:
        ValueError: if a patch is larger than the images.
    """
    height, width = images.shape[-2] - size + 1, images.shape[-1] - size + 1
    if min(height, width) < 1:
        raise ValueError(f"size must be at most the images' sides, got {size=}, {images.shape=}")
    bits = random_bits(torch.tensor([seed], device=images.device), num=num_patches, streams=_BANK)[0, 0]
    places = random_integers(bits, len(images) * height * width)
    patches = images.unfold(2, size, 1).unfold(3, size, 1)
    return patches[places // (height * width), :, places // width % height, places % width]


def quilt(
    images: Tensor, *, seeds: Tensor | None, bank: Tensor, overlap: int = 2, num_nearest: int = 10
) -> Tensor:
    """Returns the images ``(B, C, H, W)`` put together from the bank's patches.

    Args:
        images: ``(B, C, H, W)`` in the bank's range.
        seeds: ``(B,)`` int64, one per image.
        bank: ``(N, C, size, size)``, see `patch_bank`.
        overlap: pixels that neighbouring places share, below ``size``.
        num_nearest: patches that each place's is drawn from.

    Raises:
        ValueError: if seeds are missing, or overlap or ``num_nearest`` don't fit the bank.
    """
    size = bank.shape[-1]
    if seeds is None or len(seeds) != len(images) or not 0 <= overlap < size or len(bank) < num_nearest:
        raise ValueError(
            f"seeds must be one per image, overlap below the patch, the bank no smaller than num_nearest,"
            f" got {seeds=}, {overlap=}, {bank.shape=}, {num_nearest=}"
        )
    stride = size - overlap
    height, width = images.shape[-2:]
    rest = [(stride - (side - size) % stride) % stride for side in (height, width)]
    padded = F.pad(images, (0, rest[1], 0, rest[0]), mode="replicate")
    wanted = F.unfold(padded, size, stride=stride).transpose(1, 2)  # (B, L, C * size * size)
    (bits,) = random_bits(seeds, num=wanted.shape[1], streams=_CHOICE)
    ranks = random_integers(bits, num_nearest).flatten()
    chosen = _nearest(wanted.flatten(0, 1), bank.flatten(1), ranks, num_nearest)
    columns = bank.flatten(1)[chosen].view_as(wanted).transpose(1, 2)
    total, counts = (
        F.fold(each, padded.shape[-2:], size, stride=stride) for each in (columns, torch.ones_like(columns))
    )
    return (total / counts)[..., :height, :width]


def _nearest(wanted: Tensor, bank: Tensor, ranks: Tensor, num_nearest: int) -> Tensor:
    """Returns the bank's row ``(Q,)`` of the given rank by distance from each row of ``wanted (Q, D)``."""
    lengths = bank.square().sum(1) / 2
    found = []
    for queries, each in zip(wanted.split(_QUERIES_AT_ONCE), ranks.split(_QUERIES_AT_ONCE), strict=True):
        # Half the squared distance, less a term that all of the bank share.
        nearest = (lengths - queries @ bank.T).topk(num_nearest, dim=1, largest=False).indices
        found.append(nearest.gather(1, each[:, None])[:, 0])
    return torch.cat(found)
