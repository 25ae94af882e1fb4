"""Denoising a colour image one decorrelated channel at a time (section 4.8, second list).

The dissertation's numbers were made with a library that stretched each YCbCr channel to [0, 1], took ``sigma``
there as it was given and clipped to [0, 1]: ``sigma_scale="legacy"``. Later versions of that library read
``sigma`` as the noise of the RGB image and carry it through the colour matrix and the stretch:
``sigma_scale="rgb"``. The same number is then a weaker setting for luma
and a stronger one for chroma, which seldom fills its range.

Neither stretch nor offset is carried out: thresholds grow with the data, so noise and clipping range are
put in the channel's own units instead, which gives the same image in fewer passes.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from thesis_workloads.imaging.color import differences_to_rgb, noise_gains, rgb_to_differences

_IMAGES_IN_CACHE = 2  # at 224 px; with more at once a core waits for memory and takes up to twice as long


def denoise_channels(
    images: Tensor,
    shrink: Callable[[Tensor, Tensor], Tensor],
    *,
    sigma: float,
    sigma_scale: str = "legacy",
) -> Tensor:
    """Returns ``(B, 3, H, W)`` in [0, 1]: ``shrink`` applied to each channel of YCbCr.

    Args:
        images: RGB ``(B, 3, H, W)`` in [0, 1].
        shrink: takes channels ``(B, 3, H, W)`` less a constant and their noise ``(B, 3)``, returns channels.
        sigma: standard deviation of the noise to remove, as a share of the range.
        sigma_scale: ``legacy`` or ``rgb``.

    Raises:
        ValueError: if ``sigma`` is negative or ``sigma_scale`` is unknown.
    """
    if sigma < 0 or sigma_scale not in ("legacy", "rgb"):
        raise ValueError(f"sigma must be 0 or more and its scale legacy or rgb, got {sigma=}, {sigma_scale=}")
    if images.device.type == "cpu" and len(images) > _IMAGES_IN_CACHE:
        parts = images.split(_IMAGES_IN_CACHE)
        return torch.cat([denoise_channels(p, shrink, sigma=sigma, sigma_scale=sigma_scale) for p in parts])
    channels = rgb_to_differences(images)
    if sigma_scale == "rgb":
        noise = (sigma * noise_gains(images)).expand(len(images), -1)
        return differences_to_rgb(shrink(channels, noise)).clamp(0, 1)
    low, high = channels.amin((2, 3)), channels.amax((2, 3))
    shrunk = shrink(channels, sigma * (high - low))
    inside = shrunk.clamp_min(low[..., None, None]).clamp_max(high[..., None, None])
    return differences_to_rgb(inside).clamp(0, 1)
