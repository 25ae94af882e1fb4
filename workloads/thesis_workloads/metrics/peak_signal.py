"""PSNR over a whole image, and PSNR-S over its salient pixels (section 2.5).

Both over all three channels of 8-bit RGB, as mean squared error over pixels and channels together. The dissertation
does not say which pixels are salient. The rule here, everywhere: **those whose map is above 0.5.**
Images that are the same read 100 dB.
"""

import torch
from torch import Tensor

SALIENT_ABOVE = 0.5
LARGEST_DB = 100.0


def psnr(images: Tensor, others: Tensor) -> Tensor:
    """Returns ``(B,)`` in dB of 8-bit levels ``(B, C, H, W)``, any dtype.

    Raises:
        ValueError: if the shapes differ.
    """
    return decibels(_squared_error(images, others).mean((1, 2)))


def psnr_salient(images: Tensor, others: Tensor, maps: Tensor) -> Tensor:
    """Returns ``(B,)`` in dB over the pixels whose map is above `SALIENT_ABOVE`; NaN where there is none.

    Args:
        images: 8-bit levels ``(B, C, H, W)``.
        others: the same shape.
        maps: ``(B, H, W)`` in [0, 1].

    Raises:
        ValueError: if the shapes differ.
    """
    errors = _squared_error(images, others)
    if maps.shape != errors.shape:
        raise ValueError(f"maps must have shape {tuple(errors.shape)}, got {tuple(maps.shape)}")
    salient = (maps > SALIENT_ABOVE).double()
    return decibels((errors * salient).sum((1, 2)) / salient.sum((1, 2)))


def decibels(mean_squares: Tensor) -> Tensor:
    """Returns PSNR in dB of mean squared errors of 8-bit levels, at most `LARGEST_DB`."""
    return (10 * torch.log10(255.0**2 / mean_squares)).clamp(max=LARGEST_DB)


def _squared_error(images: Tensor, others: Tensor) -> Tensor:
    """Returns the mean over channels ``(B, H, W)`` float64."""
    if images.ndim != 4 or images.shape != others.shape:
        raise ValueError(
            f"images must have one shape (B, C, H, W), got {tuple(images.shape)} and {tuple(others.shape)}"
        )
    return (images.double() - others.double()).square().mean(1)
