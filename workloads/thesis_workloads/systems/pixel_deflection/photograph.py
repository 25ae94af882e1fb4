"""The defence on one image of any size, as a user brings it."""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.defenses.counter_random import id_of_name
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.evaluate import defend_images


def defend_photograph(
    config: PixelDeflectionConfig, classifier: Classifier | None, image: Tensor, *, name: str
) -> Tensor:
    """Returns the defended image, of the size that it came in; values k / 255 stay exact where untouched.

    The map is made of the image scaled to the classifier's input and stretched back over it.

    Args:
        config: ``use_rcam=False`` needs no classifier.
        image: ``(3, H, W)`` in [0, 1], H and W at least 2.
        name: with ``config.seed`` it gives the image's random numbers, so a folder's order means nothing.

    Raises:
        ValueError: if a map is wanted without a classifier.
    """
    if config.use_rcam and classifier is None:
        raise ValueError(f"classifier must be given where use_rcam is set, got {classifier=}")
    saliency = None
    if config.use_rcam and classifier is not None:
        saliency = _saliency(config, classifier, image[None])
    ids = torch.tensor([id_of_name(name)], dtype=torch.int64)
    return defend_images(config, image[None], ids, saliency=saliency)[0]


def _saliency(config: PixelDeflectionConfig, classifier: Classifier, images: Tensor) -> Tensor:
    size = (classifier.input_size, classifier.input_size)
    scaled = F.interpolate(images, size=size, mode="bicubic", align_corners=False, antialias=True).clamp(0, 1)
    small = robust_activation_map(classifier, scaled, top_k=config.top_k)
    large = F.interpolate(small[:, None], size=images.shape[-2:], mode="bilinear", align_corners=False)
    return large[:, 0].clamp(0, 1)
