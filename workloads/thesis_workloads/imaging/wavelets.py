"""Wavelet shrinkage of image batches (sections 4.7 and 4.8).

db1 (Haar) runs in torch, on any device and with gradients. Every other wavelet runs through PyWavelets
over the whole batch at once, on the CPU and without gradients. Both share the thresholds, so for db1 they
give the same image. The number of levels is that of scikit-image: three less than would be possible.
Table 4.8's "hard" column names no threshold; the universal one is used for it.
"""

from functools import partial

import numpy as np
import pywt
import torch
from torch import Tensor

from thesis_workloads.imaging.decorrelated import denoise_channels
from thesis_workloads.imaging.haar import haar_decompose, haar_reconstruct
from thesis_workloads.imaging.thresholds import shrink, threshold_of

_HAAR = ("db1", "haar")


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
        backend: ``torch`` (db1 only), ``pywavelets``, or ``auto``: torch where it can.

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
    if backend == "torch" and wavelet not in _HAAR:
        raise ValueError(f"the torch backend must be given db1 or haar, got {wavelet=}")
    height, width = channels.shape[-2:]
    depth = num_levels(height, width, wavelet) if levels is None else levels
    use_torch = wavelet in _HAAR and backend != "pywavelets"
    if use_torch:
        coarse, details = haar_decompose(channels, levels=depth)
    else:
        coarse, details = _decompose(channels, wavelet, depth)
    shrunk = [_shrink_level(level, noise, method, mode, height * width) for level in details]
    if use_torch:
        return haar_reconstruct(coarse, shrunk, height=height, width=width)
    return _reconstruct(coarse, shrunk, wavelet)[..., :height, :width]


def num_levels(height: int, width: int, wavelet: str) -> int:
    """Returns scikit-image's number of levels: all that are possible but the three coarsest, at least 1."""
    possible = pywt.dwtn_max_level((height, width), pywt.Wavelet(wavelet))
    return max(int(possible) - 3, 1)


def _shrink_level(level: Tensor, noise: Tensor, method: str, mode: str, num_pixels: int) -> Tensor:
    bands = level.flatten(3)
    threshold = threshold_of(bands, noise[:, :, None, None], method=method, num_pixels=num_pixels)
    return shrink(bands, threshold, mode=mode).view_as(level)


def _decompose(channels: Tensor, wavelet: str, levels: int) -> tuple[Tensor, list[Tensor]]:
    if channels.requires_grad:
        raise ValueError(f"only db1 in torch has gradients; detach the images or change {wavelet=}")
    coefficients = pywt.wavedec2(channels.cpu().numpy(), wavelet, level=levels, axes=(-2, -1))
    details = [torch.from_numpy(np.stack(level, axis=2)).to(channels) for level in coefficients[1:]]
    return torch.from_numpy(coefficients[0]).to(channels), details


def _reconstruct(coarse: Tensor, details: list[Tensor], wavelet: str) -> Tensor:
    levels = [tuple(level.cpu().unbind(2)) for level in details]
    arrays = [coarse.cpu().numpy(), *(tuple(band.numpy() for band in level) for level in levels)]
    return torch.from_numpy(pywt.waverec2(arrays, wavelet, axes=(-2, -1))).to(coarse)
