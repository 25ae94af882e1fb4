"""Denoising in the 8 x 8 block DCT, the baseline for the wavelets in table 4.6 ("PD + R-CAM + DCT").

Chapter 4 names the transform and no more. To compare transforms and nothing else, all the rest is as for the
wavelets (section 4.8): YCbCr, the same sigma, soft BayesShrink, where a band is one of the 63 frequencies.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.imaging.decorrelated import denoise_channels
from thesis_workloads.imaging.thresholds import bayes_threshold, shrink

_SIDE = 8


def denoise_block_dct(
    images: Tensor, *, seeds: Tensor | None = None, sigma: float = 0.04, sigma_scale: str = "legacy"
) -> Tensor:
    """Returns denoised RGB images ``(B, 3, H, W)`` in [0, 1]; ``seeds`` are not used; differentiable.

    Args:
        images: RGB ``(B, 3, H, W)`` in [0, 1].
        seeds: not used.
        sigma: standard deviation of the noise, in the units that ``sigma_scale`` names.
        sigma_scale: ``legacy`` or ``rgb`` (`imaging.decorrelated`).
    """
    return denoise_channels(images, _shrink, sigma=sigma, sigma_scale=sigma_scale)


def _shrink(channels: Tensor, noise: Tensor) -> Tensor:
    height, width = channels.shape[-2:]
    padded = F.pad(channels, (0, -width % _SIDE, 0, -height % _SIDE), mode="replicate")
    blocks = padded.unflatten(3, (-1, _SIDE)).unflatten(2, (-1, _SIDE)).transpose(3, 4)  # (B, C, h, w, 8, 8)
    basis = dct_matrix(channels)
    coefficients = basis @ blocks @ basis.T
    bands = coefficients.flatten(4).flatten(2, 3).transpose(2, 3)  # (B, C, 64, h * w)
    shrunk = shrink(bands, bayes_threshold(bands, noise[:, :, None, None]), mode="soft")
    bands = torch.cat([bands[:, :, :1], shrunk[:, :, 1:]], dim=2)  # the first is the block's mean
    blocks = basis.T @ bands.transpose(2, 3).reshape(blocks.shape) @ basis
    return blocks.transpose(3, 4).flatten(4, 5).flatten(2, 3)[..., :height, :width]


def dct_matrix(like: Tensor) -> Tensor:
    """Returns the orthonormal DCT-II ``(8, 8)``, a row per frequency, of the dtype and device of ``like``."""
    steps = torch.arange(_SIDE, dtype=torch.float64)
    basis = torch.cos(math.pi / _SIDE * (steps + 0.5) * steps[:, None]) * math.sqrt(2 / _SIDE)
    basis[0] /= math.sqrt(2)
    return basis.to(like)
