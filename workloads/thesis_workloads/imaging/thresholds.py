"""Thresholds for transform coefficients in the presence of Gaussian noise of known size.

Section 4.7: BayesShrink (Chang, Yu and Vetterli, IEEE TIP 2000; eq. 4.6), VisuShrink (Donoho and
Johnstone, Biometrika 1994) and SUREShrink (Donoho and Johnstone, JASA 1995); soft and hard thresholding.

SUREShrink here is the minimiser of the unbiased risk over thresholds up to the universal one, without
the test that swaps in the universal threshold for sparse bands. Bands lie along the last axis.
"""

import math

import torch
from torch import Tensor

_SMALLEST_VARIANCE = torch.finfo(torch.float64).eps


def threshold_of(bands: Tensor, noise: Tensor, *, method: str, num_pixels: int) -> Tensor:
    """Returns one threshold per band ``(..., 1)``, in the units of the coefficients.

    Args:
        bands: ``(..., N)`` detail coefficients.
        noise: standard deviation of the noise, broadcasts against ``(..., 1)``.
        method: ``bayes``, ``visu`` or ``sure``.
        num_pixels: size of the image that the bands come from, for the universal threshold.

    Raises:
        ValueError: if the method is unknown.
    """
    if method == "bayes":
        return bayes_threshold(bands, noise)
    if method == "visu":
        return noise * math.sqrt(2 * math.log(num_pixels)) * torch.ones_like(bands[..., :1])
    if method == "sure":
        return sure_threshold(bands, noise)
    raise ValueError(f"method must be bayes, visu or sure, got {method=}")


def bayes_threshold(bands: Tensor, noise: Tensor) -> Tensor:
    """Returns noise variance over signal deviation ``(..., 1)`` (eq. 4.6); huge where all is noise."""
    # The norm needs no array of squares.
    norm: Tensor = torch.linalg.vector_norm(bands, dim=-1, keepdim=True)
    signal = norm.square() / bands.shape[-1] - noise.square()
    return noise.square() / signal.clamp(min=_SMALLEST_VARIANCE).sqrt()


def sure_threshold(bands: Tensor, noise: Tensor) -> Tensor:
    """Returns ``(..., 1)``: the magnitude, at most the universal threshold, with the least estimated risk."""
    num = bands.shape[-1]
    sizes = bands.abs().sort(dim=-1).values
    ranks = torch.arange(1, num + 1, device=bands.device, dtype=bands.dtype)
    variance = noise.square()
    risk = num * variance - 2 * variance * ranks + sizes.square().cumsum(-1) + (num - ranks) * sizes.square()
    universal = noise * math.sqrt(2 * math.log(num))
    risk = torch.where(sizes <= universal, risk, math.inf)
    best = sizes.gather(-1, risk.argmin(-1, keepdim=True))
    # Keeping everything costs num * variance; where no magnitude is small enough to try, that is the answer.
    return torch.where(risk.amin(-1, keepdim=True) < num * variance, best, torch.zeros_like(best))


def shrink(coefficients: Tensor, threshold: Tensor, *, mode: str) -> Tensor:
    """Returns the coefficients, those up to the threshold set to zero; ``soft`` shortens the others by it.

    Raises:
        ValueError: if the mode is neither ``soft`` nor ``hard``.
    """
    if mode == "soft":
        # One bound after the other: torch's clamp between two tensors takes more than twice the time.
        return coefficients - coefficients.clamp_min(-threshold).clamp_max(threshold)
    if mode == "hard":
        return torch.where(coefficients.abs() > threshold, coefficients, torch.zeros_like(coefficients))
    raise ValueError(f"mode must be soft or hard, got {mode=}")
