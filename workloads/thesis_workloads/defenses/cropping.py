"""Random cropping and rescaling: Guo et al., ICLR 2018; table 4.6, "cropping + TVM + quilting".

Each draw is one square crop brought back to the image's size; the ensemble of crops is a vote over draws.
Guo et al. crop to 90 of 224 pixels, for classifiers trained on such crops. For a classifier that wasn't, and
as chapter 4 gives no number, the default keeps 7/8 of the side, what classifiers are usually tested on.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.defenses.counter_random import random_bits, random_integers

_STREAMS = (80, 81)  # top, left


def crop_and_rescale(images: Tensor, *, seeds: Tensor | None, keep: float = 0.875) -> Tensor:
    """Returns a random crop of each image, enlarged to ``(B, C, H, W)`` (bilinear); differentiable.

    Args:
        images: ``(B, C, H, W)``.
        seeds: ``(B,)`` int64, one per image.
        keep: share of each side that the crop keeps, in (0, 1].

    Raises:
        ValueError: if seeds are missing or ``keep`` is out of range.
    """
    if seeds is None or len(seeds) != len(images) or not 0 < keep <= 1:
        raise ValueError(f"seeds must be one per image and keep in (0, 1], got {seeds=}, {keep=}")
    height, width = images.shape[-2:]
    rows, columns = max(round(height * keep), 1), max(round(width * keep), 1)
    top, left = random_bits(seeds, num=1, streams=_STREAMS)[..., 0]
    tops, lefts = random_integers(top, height - rows + 1), random_integers(left, width - columns + 1)
    down, across = (torch.arange(side, device=images.device) for side in (rows, columns))
    numbers = torch.arange(len(images), device=images.device)[:, None, None]
    crops = images.permute(0, 2, 3, 1)[
        numbers, (tops[:, None] + down)[:, :, None], (lefts[:, None] + across)[:, None, :]
    ].permute(0, 3, 1, 2)
    return F.interpolate(crops, size=(height, width), mode="bilinear", align_corners=False)
