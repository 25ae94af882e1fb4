"""SSIM and MS-SSIM of luma on a scale of 0 to 255.

Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP 2004: a
Gaussian window of 11 x 11 with sigma 1.5, over the places where it lies wholly inside the image. Wang,
Simoncelli and Bovik, "Multi-scale structural similarity", Asilomar 2003: five scales, each half the last by
averaging 2 x 2 pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_WINDOW, _SIGMA = 11, 1.5
_LUMINANCE, _CONTRAST = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim(luma: Tensor, others: Tensor) -> Tensor:
    """Returns ``(B,)`` of luma ``(B, H, W)`` in 0..255; NaN where a side is shorter than the window.

    Raises:
        ValueError: if the shapes differ.
    """
    return _similarity(luma, others)[0]


def ms_ssim(luma: Tensor, others: Tensor) -> Tensor:
    """Returns ``(B,)`` of luma ``(B, H, W)`` in 0..255; NaN where the smallest scale can't hold the window.

    A negative term, which images that contradict each other have, counts as zero.

    Raises:
        ValueError: if the shapes differ.
    """
    found = torch.ones(len(luma), dtype=torch.float64, device=luma.device)
    for number, weight in enumerate(_SCALE_WEIGHTS):
        whole, contrast = _similarity(luma, others)
        is_last = number == len(_SCALE_WEIGHTS) - 1
        found = found * (whole if is_last else contrast).clamp(min=0) ** weight
        if not is_last and min(luma.shape[1:]) >= 2:
            luma, others = (F.avg_pool2d(each[:, None].double(), 2)[:, 0] for each in (luma, others))
    return found


def gaussian_blur(channels: Tensor, *, size: int, sigma: float) -> Tensor:
    """Returns ``(B, C, H - size + 1, W - size + 1)``: each place's Gaussian mean, without padding."""
    steps = torch.arange(size, dtype=channels.dtype, device=channels.device) - (size - 1) / 2
    weights = torch.exp(-steps.square() / (2 * sigma**2))
    weights = (weights / weights.sum()).repeat(channels.shape[1], 1)
    down = F.conv2d(channels, weights[:, None, :, None], groups=channels.shape[1])
    return F.conv2d(down, weights[:, None, None, :], groups=channels.shape[1])


def _similarity(luma: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Returns SSIM and its contrast-structure part, ``(B,)`` each."""
    if luma.ndim != 3 or luma.shape != others.shape:
        raise ValueError(
            f"luma must have one shape (B, H, W), got {tuple(luma.shape)}, {tuple(others.shape)}"
        )
    if min(luma.shape[1:]) < _WINDOW:
        nothing = luma.new_full((len(luma),), torch.nan, dtype=torch.float64)
        return nothing, nothing
    a, b = luma.double(), others.double()
    means = gaussian_blur(torch.stack([a, b, a * a, b * b, a * b], dim=1), size=_WINDOW, sigma=_SIGMA)
    mean_a, mean_b, square_a, square_b, product = means.unbind(1)
    covariance = product - mean_a * mean_b
    variances = square_a - mean_a.square() + square_b - mean_b.square()
    contrast = (2 * covariance + _CONTRAST) / (variances + _CONTRAST)
    squares = mean_a.square() + mean_b.square()
    luminance = (2 * mean_a * mean_b + _LUMINANCE) / (squares + _LUMINANCE)
    return (luminance * contrast).mean((1, 2)), contrast.mean((1, 2))
