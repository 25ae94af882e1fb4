"""Content-aware JPEG that takes no more from the background than is allowed.

The loss is that of the pixels whose map is at most 0.5: their PSNR in the plain JPEG of the same size less theirs
in ours. The price of a background bit falls in equal steps of its logarithm until the loss is small enough; the
steps are tried from the dearest on, as the loss grows with the price.
"""

from dataclasses import replace

import numpy as np
from PIL import Image
from torch import Tensor

from thesis_workloads.imaging.content_aware import Encoded, Encoding, encode_content_aware
from thesis_workloads.imaging.quality_levels import full_size
from thesis_workloads.imaging.still_image import pixels_of
from thesis_workloads.metrics.peak_signal import SALIENT_ABOVE, psnr_salient

_STEPS = 4  # in which the price falls to 1


def encode_within_loss(
    image: Image.Image, saliency: Tensor, settings: Encoding, *, max_loss: float | None
) -> Encoded:
    """Returns the content-aware JPEG with the highest price, up to the settings', that loses little enough outside.

    Where even a price of 1 loses more, that file is returned.

    Args:
        image: see `encode_content_aware`.
        saliency: see `encode_content_aware`.
        settings: with rounding rate-distortion.
        max_loss: dB; None allows any.

    Raises:
        ValueError: if a setting, the map or the image is not as it must be.
    """
    if max_loss is None:
        return encode_content_aware(image, saliency, settings)
    if settings.rounding != "rate-distortion":
        raise ValueError(f"rounding must be rate-distortion where max_loss is set, got {settings.rounding=}")
    for price in np.geomspace(settings.background_price, 1, _STEPS + 1):
        found = encode_content_aware(
            image, saliency, replace(settings, background_price=max(float(price), 1.0))
        )
        if background_loss(image, found, saliency) <= max_loss:
            break
    return found


def background_loss(image: Image.Image, encoded: Encoded, saliency: Tensor) -> float:
    """Returns by how many dB the plain file is better outside the salient pixels; 0 where there are none."""
    reference = pixels_of(image)
    outside = (full_size(saliency, height=image.height, width=image.width) <= SALIENT_ABOVE).double()[None]
    if not outside.any():
        return 0.0
    plain, ours = (
        float(psnr_salient(reference, pixels_of(data), outside)) for data in (encoded.plain, encoded.data)
    )
    return plain - ours
