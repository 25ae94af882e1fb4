"""JPEG compression as a defence: Dziugaite et al. 2016; Das et al. 2017; table 4.7.

Pillow's encoder, chroma subsampled 4:2:0. Chapter 4 gives no quality; 75 is the encoder's usual setting.
"""

import io

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def compress_as_jpeg(images: Tensor, *, seeds: Tensor | None = None, quality: int = 75) -> Tensor:
    """Returns images ``(B, 3, H, W)`` in [0, 1] after encoding and decoding; ``seeds`` are not used.

    Raises:
        ValueError: if ``quality`` is not in 1..95.
    """
    if not 1 <= quality <= 95:
        raise ValueError(f"quality must be in 1..95, got {quality=}")
    levels = (images.detach().clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    decoded = np.stack([_round_trip(each, quality) for each in levels])
    return torch.from_numpy(decoded).permute(0, 3, 1, 2).to(images) / 255


def _round_trip(image: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.array(Image.open(file))
