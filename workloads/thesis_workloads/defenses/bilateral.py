"""Bilateral filter: Tomasi and Manduchi, ICCV 1998; table 4.11. scikit-image's, with its default widths.

scikit-image's default continues an image in black, which darkens its rim; here the last row and column go on.
"""

import torch
from skimage.restoration import denoise_bilateral
from torch import Tensor


def filter_bilaterally(
    images: Tensor,
    *,
    seeds: Tensor | None = None,
    sigma_color: float | None = None,
    sigma_spatial: float = 1.0,
    bins: int = 1000,
) -> Tensor:
    """Returns smoothed images ``(B, C, H, W)`` in [0, 1], by scikit-image on the CPU; ``seeds`` are not used.

    Args:
        images: ``(B, C, H, W)`` in [0, 1].
        seeds: not used.
        sigma_color: width over values; None takes each image's own standard deviation.
        sigma_spatial: width over distance, in pixels.
        bins: resolution of the table of value weights.
    """
    arrays = images.detach().cpu().double().numpy()
    done = [
        denoise_bilateral(
            array,
            sigma_color=sigma_color,
            sigma_spatial=sigma_spatial,
            bins=bins,
            mode="edge",
            channel_axis=0,
        )
        for array in arrays
    ]
    return torch.stack([torch.from_numpy(array) for array in done]).to(images).clamp(0, 1)
