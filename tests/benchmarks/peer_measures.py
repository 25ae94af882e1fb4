"""What the comparison of encoders measures: masks that tell what is salient, and metrics of a decoded file."""

import io

import numpy as np
import ssimulacra2
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.ndimage import gaussian_filter, uniform_filter
from torch import Tensor

from thesis_workloads.imaging.still_image import pixels_of
from thesis_workloads.metrics.human_vision import psnr_hvs
from thesis_workloads.metrics.image_quality import luma_of
from thesis_workloads.metrics.peak_signal import psnr, psnr_salient
from thesis_workloads.metrics.structural_similarity import ssim
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.saliency.pretrained import ClassifierMaps

_SMALL = 224  # pixels of the shorter side that R-CAM sees; the automatic map sees twice as many
_RESIDUAL_SIDE = 64
_RESIDUAL_SHARE = 0.2  # of the pixels, the most salient


def class_mask(network: ClassifierMaps, image: Image.Image) -> Tensor:
    """Returns R-CAM ``(H, W)`` in [0, 1] at 224 pixels: other classes, weights and resolution than our map's."""
    factor = _SMALL / min(image.size)
    small = image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.BILINEAR
    )
    pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float() / 255
    found = robust_activation_map(network.classifier, pixels)
    return F.interpolate(found[None], size=(image.height, image.width), mode="bilinear")[0, 0]


def residual_mask(image: Image.Image) -> Tensor:
    """Returns ``(H, W)`` in {0, 1}: the fifth of the pixels that stand out by their spectral residual.

    Without a network. Hou and Zhang, "Saliency detection: a spectral residual approach", CVPR 2007.
    """
    width = round(_RESIDUAL_SIDE * image.width / image.height)
    small = np.asarray(image.convert("L").resize((width, _RESIDUAL_SIDE), Image.Resampling.BOX), dtype=float)
    spectrum = np.fft.fft2(small)
    logarithm = np.log(np.abs(spectrum) + 1e-9)
    residual = logarithm - uniform_filter(logarithm, 3, mode="wrap")
    standing_out = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = torch.from_numpy(gaussian_filter(standing_out, 2.5))[None, None]
    full = F.interpolate(smooth, size=(image.height, image.width), mode="bilinear")[0, 0]
    return (full > full.quantile(1 - _RESIDUAL_SHARE)).float()


def measured(image: Image.Image, data: bytes, masks: dict[str, Tensor]) -> dict[str, float]:
    """Returns PSNR-S by each mask, and PSNR, SSIM, PSNR-HVS-M and SSIMULACRA2 of the whole."""
    reference, decoded = pixels_of(image), pixels_of(data)
    luma, other = luma_of(reference), luma_of(decoded)
    found = {name: float(psnr_salient(reference, decoded, mask[None])) for name, mask in masks.items()}
    return {
        **found,
        "psnr": float(psnr(reference, decoded)),
        "ssim": float(ssim(luma, other)),
        "psnr_hvsm": float(psnr_hvs(luma, other)[1]),
        "ssimulacra2": float(ssimulacra2.compute_ssimulacra2(_png(reference), _png(decoded))),
    }


def _png(pixels: Tensor) -> io.BytesIO:
    file = io.BytesIO()
    Image.fromarray(pixels[0].permute(1, 2, 0).numpy()).save(file, "PNG", compress_level=0)
    file.seek(0)
    return file
