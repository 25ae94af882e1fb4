"""Median smoothing: Xu, Evans and Qi, "Feature Squeezing", NDSS 2018; table 4.6 (c), (d).

As in scipy's filter, which that work uses, an even window reaches one pixel further up and left, and takes
the upper of its two middle values. The border is continued by its last row and column.
"""

import torch.nn.functional as F
from torch import Tensor


def smooth_by_median(images: Tensor, *, seeds: Tensor | None = None, size: int = 2) -> Tensor:
    """Returns each channel's median over size x size pixels, ``(B, C, H, W)``; ``seeds`` are not used.

    Raises:
        ValueError: if ``size`` is below 1.
    """
    if size < 1:
        raise ValueError(f"size must be 1 or more, got {size=}")
    before, after = size // 2, size - 1 - size // 2
    padded = F.pad(images, (before, after, before, after), mode="replicate")
    windows = padded.unfold(2, size, 1).unfold(3, size, 1).flatten(4)
    return windows.sort(dim=-1).values[..., size * size // 2]
