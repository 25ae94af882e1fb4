"""Wiener deconvolution, table 4.11 ("Deconv"), the filter that the published program calls.

Chapter 4 gives neither kernel nor balance. The kernel is a Gaussian of half a pixel, near the identity, so
that the filter's regularisation does the denoising.
"""

import numpy as np
import torch
from skimage.restoration import wiener
from torch import Tensor


def deconvolve(
    images: Tensor, *, seeds: Tensor | None = None, width: float = 0.5, balance: float = 0.05
) -> Tensor:
    """Returns filtered images ``(B, C, H, W)`` in [0, 1], by scikit-image on the CPU; ``seeds`` are not used.

    Args:
        images: ``(B, C, H, W)`` in [0, 1].
        seeds: not used.
        width: standard deviation of the Gaussian kernel, in pixels, above 0.
        balance: of regularisation against the data.

    Raises:
        ValueError: if the width is not positive.
    """
    if width <= 0:
        raise ValueError(f"width must be above 0, got {width=}")
    offsets = np.arange(-2, 3)
    profile = np.exp(-((offsets / width) ** 2) / 2)
    kernel = np.outer(profile, profile) / profile.sum() ** 2
    planes = images.detach().cpu().double().flatten(0, 1).numpy()
    done = np.stack([wiener(plane, kernel, balance, clip=False) for plane in planes])
    return torch.from_numpy(done).view(images.shape).to(images).clamp(0, 1)
