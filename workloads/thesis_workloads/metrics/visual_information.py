"""VIFP: visual information fidelity in the pixel domain.

Sheikh and Bovik, "Image information and visual quality", IEEE TIP 2006, as their own simplification to
pixels has it: four scales, Gaussian windows of 17, 9, 5 and 3 pixels with a fifth of that as sigma, and
noise of variance 2 in the eye. On luma in 0..255: at another scale that noise means something else.
"""

import torch
from torch import Tensor

from thesis_workloads.metrics.structural_similarity import gaussian_blur

_WINDOWS = (17, 9, 5, 3)
_EYE_NOISE = 2.0
_NOTHING = 1e-10
SMALLEST_SIDE = 41  # pixels; a shorter side leaves the last scale without a place


def vifp(reference: Tensor, distorted: Tensor) -> Tensor:
    """Returns ``(B,)``, 1 for the same image, of luma ``(B, H, W)`` in 0..255.

    NaN if a side is too short, or if the reference is constant and the image is not: there is nothing to keep.

    Raises:
        ValueError: if the shapes differ.
    """
    if reference.ndim != 3 or reference.shape != distorted.shape:
        raise ValueError(
            f"luma must have one shape (B, H, W), got {tuple(reference.shape)} and {tuple(distorted.shape)}"
        )
    if min(reference.shape[1:]) < SMALLEST_SIDE:
        return reference.new_full((len(reference),), torch.nan, dtype=torch.float64)
    a, b = reference.double()[:, None], distorted.double()[:, None]
    kept = total = torch.zeros(len(a), dtype=torch.float64, device=a.device)
    for number, size in enumerate(_WINDOWS):
        if number > 0:
            a, b = (gaussian_blur(each, size=size, sigma=size / 5)[..., ::2, ::2] for each in (a, b))
        seen, there = _information(a, b, size=size)
        kept, total = kept + seen, total + there
    # A constant reference has no information to keep: the measure says nothing, unless nothing was changed.
    is_same = (reference == distorted).flatten(1).all(1)
    unknown = torch.where(is_same, 1.0, torch.nan).to(total)
    return torch.where(total > 0, kept / total, unknown)


def _information(a: Tensor, b: Tensor, *, size: int) -> tuple[Tensor, Tensor]:
    """Returns the information that is left and that there was, ``(B,)`` each."""
    means = gaussian_blur(torch.cat([a, b, a * a, b * b, a * b], dim=1), size=size, sigma=size / 5)
    mean_a, mean_b, square_a, square_b, product = means.unbind(1)
    variance_a = (square_a - mean_a.square()).clamp(min=0)
    variance_b = (square_b - mean_b.square()).clamp(min=0)
    covariance = product - mean_a * mean_b
    gain = covariance / (variance_a + _NOTHING)
    noise = variance_b - gain * covariance
    # Where the reference is flat nothing can be kept; where it is turned over, neither.
    flat, lost = variance_a < _NOTHING, variance_b < _NOTHING
    gain = gain.masked_fill(flat | lost, 0)
    noise = torch.where(flat, variance_b, noise).masked_fill(lost, 0)
    variance_a = variance_a.masked_fill(flat, 0)
    noise = torch.where(gain < 0, variance_b, noise).clamp(min=_NOTHING)
    gain = gain.clamp(min=0)
    kept = torch.log2(1 + gain.square() * variance_a / (noise + _EYE_NOISE))
    there = torch.log2(1 + variance_a / _EYE_NOISE)
    return kept.sum((1, 2)), there.sum((1, 2))
