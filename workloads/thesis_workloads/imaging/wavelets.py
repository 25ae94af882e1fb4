"""Wavelet shrinkage of image batches (sections 4.7 and 4.8).

The transform runs in torch, on any device and with gradients: `haar` for db1, `filter_bank` for any other
orthogonal wavelet. PyWavelets, on the CPU and without gradients, is the other way and the faster one for
long filters. All share the thresholds, so they give the same image. The number of levels is that of
scikit-image: three less than would be possible.
Table 4.8's "hard" column names no threshold; the universal one is used for it.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pywt
import torch
from torch import Tensor

from thesis_workloads.imaging.decorrelated import denoise_channels
from thesis_workloads.imaging.filter_bank import decompose, reconstruct
from thesis_workloads.imaging.haar import haar_decompose, haar_reconstruct
from thesis_workloads.imaging.thresholds import shrink, threshold_of

Decompose = Callable[[int], tuple[Tensor, list[Tensor]]]
Reconstruct = Callable[[Tensor, list[Tensor]], Tensor]
_HAAR = ("db1", "haar")
_LONG = 8  # taps: with longer filters PyWavelets' two passes of one dimension are faster than one of two


def denoise_wavelet(
    images: Tensor,
    *,
    sigma: float = 0.04,
    wavelet: str = "db1",
    method: str = "bayes",
    mode: str = "soft",
    levels: int | None = None,
    sigma_scale: str = "legacy",
    backend: str = "auto",
) -> Tensor:
    """Returns the denoised RGB images ``(B, 3, H, W)`` in [0, 1].

    Args:
        images: RGB ``(B, 3, H, W)`` in [0, 1].
        sigma: standard deviation of the noise to remove, in the units that ``sigma_scale`` names.
        wavelet: PyWavelets' name of an orthogonal wavelet.
        method: ``bayes``, ``visu`` or ``sure`` (`thresholds`).
        mode: ``soft`` or ``hard``.
        levels: of decomposition; None takes scikit-image's rule.
        sigma_scale: ``legacy`` or ``rgb`` (`decorrelated`).
        backend: ``torch``, ``pywavelets``, or ``auto``: whichever is faster, torch where a gradient is asked for.

    Raises:
        ValueError: for an unknown option, or where the backend can't do what is asked of it.
    """
    step = partial(shrink_channels, wavelet=wavelet, method=method, mode=mode, levels=levels, backend=backend)
    return denoise_channels(images, step, sigma=sigma, sigma_scale=sigma_scale)


def shrink_channels(
    channels: Tensor,
    noise: Tensor,
    *,
    wavelet: str = "db1",
    method: str = "bayes",
    mode: str = "soft",
    levels: int | None = None,
    backend: str = "auto",
) -> Tensor:
    """Returns ``(B, C, H, W)`` with the details of every channel shrunk, given its noise ``(B, C)``.

    Raises:
        ValueError: for an unknown option, or where the backend can't do what is asked of it.
    """
    if backend not in ("auto", "torch", "pywavelets"):
        raise ValueError(f"backend must be auto, torch or pywavelets, got {backend=}")
    height, width = channels.shape[-2:]
    depth = num_levels(height, width, wavelet) if levels is None else levels
    to_levels, from_levels = _transforms(channels, wavelet, backend)
    coarse, details = to_levels(depth)
    shrunk = [_shrink_level(level, noise, method, mode, height * width) for level in details]
    return from_levels(coarse, shrunk)


def num_levels(height: int, width: int, wavelet: str) -> int:
    """Returns scikit-image's number of levels: all that are possible but the three coarsest, at least 1."""
    possible = pywt.dwtn_max_level((height, width), pywt.Wavelet(wavelet))
    return max(int(possible) - 3, 1)


def _transforms(channels: Tensor, wavelet: str, backend: str) -> tuple[Decompose, Reconstruct]:
    """Returns the transform of the channels to a number of levels, and the way back."""
    height, width = channels.shape[-2:]
    if backend == "pywavelets" or (backend == "auto" and _is_long(channels, wavelet)):
        return (
            lambda levels: _decompose(channels, wavelet, levels),
            lambda coarse, details: _reconstruct(coarse, details, wavelet)[..., :height, :width],
        )
    if wavelet in _HAAR:
        return (
            lambda levels: haar_decompose(channels, levels=levels),
            lambda coarse, details: haar_reconstruct(coarse, details, height=height, width=width),
        )
    return (
        lambda levels: decompose(channels, wavelet=wavelet, levels=levels),
        lambda coarse, details: reconstruct(coarse, details, wavelet=wavelet, height=height, width=width),
    )


def _is_long(channels: Tensor, wavelet: str) -> bool:
    is_plain = channels.device.type == "cpu" and not channels.requires_grad
    return is_plain and pywt.Wavelet(wavelet).dec_len > _LONG


def _shrink_level(level: Tensor, noise: Tensor, method: str, mode: str, num_pixels: int) -> Tensor:
    bands = level.flatten(3)
    threshold = threshold_of(bands, noise[:, :, None, None], method=method, num_pixels=num_pixels)
    return shrink(bands, threshold, mode=mode).view_as(level)


def _decompose(channels: Tensor, wavelet: str, levels: int) -> tuple[Tensor, list[Tensor]]:
    if channels.requires_grad:
        raise ValueError(f"PyWavelets has no gradients; backend must be torch or auto, got {wavelet=}")
    coefficients = pywt.wavedec2(channels.cpu().numpy(), wavelet, level=levels, axes=(-2, -1))
    details = [torch.from_numpy(np.stack(level, axis=2)).to(channels) for level in coefficients[1:]]
    return torch.from_numpy(coefficients[0]).to(channels), details


def _reconstruct(coarse: Tensor, details: list[Tensor], wavelet: str) -> Tensor:
    levels = [tuple(level.cpu().unbind(2)) for level in details]
    arrays = [coarse.cpu().numpy(), *(tuple(band.numpy() for band in level) for level in levels)]
    return torch.from_numpy(pywt.waverec2(arrays, wavelet, axes=(-2, -1))).to(coarse)
