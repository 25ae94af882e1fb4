"""Bilateral filter: Tomasi and Manduchi, ICCV 1998; table 4.11.

Own implementation: scikit-image 0.26 reads a table of spatial weights one entry too wide for an odd window,
which shifts the weights and blurs more than a plain Gaussian of the same width. Colours are compared as
vectors, and the border is continued by its last row and column. Chapter 4 gives no settings; the default
widths are those of the program it names: one pixel, and the image's own standard deviation.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def filter_bilaterally(
    images: Tensor,
    *,
    seeds: Tensor | None = None,
    sigma_color: float | None = None,
    sigma_spatial: float = 1.0,
) -> Tensor:
    """Returns smoothed images ``(B, C, H, W)``; ``seeds`` are not used; differentiable.

    Args:
        images: ``(B, C, H, W)`` in [0, 1].
        seeds: not used.
        sigma_color: width over values, above 0; None takes each image's own standard deviation.
        sigma_spatial: width over distance in pixels, above 0; the window reaches three widths far.

    Raises:
        ValueError: if a width is not positive.
    """
    if sigma_spatial <= 0 or (sigma_color is not None and sigma_color <= 0):
        raise ValueError(f"widths must be above 0, got {sigma_color=}, {sigma_spatial=}")
    if sigma_color is None:
        variance = images.flatten(1).var(1, correction=0).clamp(min=1e-12).view(-1, 1, 1, 1)
    else:
        variance = torch.full_like(images[:, :1, :1, :1], sigma_color**2)
    reach = math.ceil(3 * sigma_spatial)
    height, width = images.shape[-2:]
    padded = F.pad(images, (reach, reach, reach, reach), mode="replicate")
    total, weights = torch.zeros_like(images), torch.zeros_like(images[:, :1])
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            moved = padded[..., down : down + height, right : right + width]
            distance = ((down - reach) ** 2 + (right - reach) ** 2) / sigma_spatial**2
            difference = (moved - images).square().sum(1, keepdim=True) / variance
            weight = torch.exp(-(distance + difference) / 2)
            total, weights = total + weight * moved, weights + weight
    return total / weights
