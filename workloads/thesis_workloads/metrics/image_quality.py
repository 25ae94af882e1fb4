"""The seven metrics of table 2.1 together.

PSNR and PSNR-S on RGB, the others on luma (BT.601, full range, 0..255).
"""

import torch
from torch import Tensor

from thesis_workloads.metrics.human_vision import psnr_hvs
from thesis_workloads.metrics.peak_signal import psnr, psnr_salient
from thesis_workloads.metrics.structural_similarity import ms_ssim, ssim
from thesis_workloads.metrics.visual_information import vifp

METRICS = ("psnr_s", "psnr", "psnr_hvs", "psnr_hvsm", "ssim", "ms_ssim", "vifp")
_LUMA = (0.299, 0.587, 0.114)


def quality_metrics(references: Tensor, decoded: Tensor, maps: Tensor) -> list[dict[str, float]]:
    """Returns `METRICS` of each image; NaN for one that an image is too small, or its map too low, for.

    Args:
        references: 8-bit RGB levels ``(B, 3, H, W)``.
        decoded: the same after coding.
        maps: ``(B, H, W)`` in [0, 1].

    Raises:
        ValueError: if the shapes do not agree.
    """
    luma, others = luma_of(references), luma_of(decoded)
    plain, masked = psnr_hvs(luma, others)
    values = {
        "psnr_s": psnr_salient(references, decoded, maps),
        "psnr": psnr(references, decoded),
        "psnr_hvs": plain,
        "psnr_hvsm": masked,
        "ssim": ssim(luma, others),
        "ms_ssim": ms_ssim(luma, others),
        "vifp": vifp(luma, others),
    }
    return [{name: float(values[name][at]) for name in METRICS} for at in range(len(references))]


def luma_of(images: Tensor) -> Tensor:
    """Returns luma ``(B, H, W)`` float64 in 0..255 of 8-bit RGB levels ``(B, 3, H, W)``.

    Raises:
        ValueError: if there are not three channels.
    """
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"images must have shape (B, 3, H, W), got {tuple(images.shape)}")
    weights = torch.tensor(_LUMA, dtype=torch.float64, device=images.device)
    return torch.einsum("bchw,c->bhw", images.double(), weights)
