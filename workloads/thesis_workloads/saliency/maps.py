"""The map of an image: MS-ROI and, for comparison, CAM (equations 2.5 and 2.2)."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.saliency.alignment import Alignment, align_images, alignment_of, overlay
from thesis_workloads.saliency.class_activity import MapNetwork
from thesis_workloads.saliency.regions import regions_of_interest, scaled_to_one


def region_map(
    network: MapNetwork,
    images: Tensor,
    *,
    top_k: int = 5,
    threshold: float | None = None,
    output_size: tuple[int, int] | None = None,
) -> Tensor:
    """Returns MS-ROI ``(B, H, W)`` in [0, 1] of images; 1 is most salient.

    Args:
        network: `pretrained.load_map_network`, or a trained one.
        images: ``(B, 3, H, W)``, float in [0, 1] or uint8; any size and aspect.
        top_k: see `regions_of_interest`.
        threshold: see `regions_of_interest`.
        output_size: height and width of the map where they are not the images' own: of a grid of 8x8 blocks,
            say. The map still covers the whole image.
    """
    alignment = _alignment(network, images)
    with torch.no_grad():
        activity = network.activity(align_images(images, alignment))
        regions = regions_of_interest(activity, top_k=top_k, threshold=threshold)
    return finished(regions, alignment, output_size or (images.shape[-2], images.shape[-1]))


def class_map(network: MapNetwork, images: Tensor, *, output_size: tuple[int, int] | None = None) -> Tensor:
    """Returns CAM ``(B, H, W)`` in [0, 1]: the map of the likeliest class alone (equation 2.2)."""
    return region_map(network, images, top_k=1, output_size=output_size)


def image_map(
    network: MapNetwork,
    image: Image.Image,
    *,
    top_k: int = 5,
    threshold: float | None = None,
    output_size: tuple[int, int] | None = None,
) -> Tensor:
    """Returns MS-ROI ``(H, W)`` of an image; beyond the result, memory does not grow with its size.

    The image is scaled down before any of it becomes floating point numbers.
    """
    small = network_sized(network, image)
    found = region_map(
        network,
        small,
        top_k=top_k,
        threshold=threshold,
        output_size=output_size or (image.height, image.width),
    )
    return found[0]


def network_sized(network: MapNetwork, image: Image.Image) -> Tensor:
    """Returns an image ``(1, 3, h, w)`` uint8, scaled by one factor to the network's size."""
    alignment = alignment_of(image.height, image.width, size=network.input_size, stride=network.stride)
    small = image if image.mode in ("RGB", "L") else image.convert("RGB")
    if small.size != (alignment.width, alignment.height):
        small = small.resize((alignment.width, alignment.height), Image.Resampling.BILINEAR, reducing_gap=3.0)
    return torch.from_numpy(np.array(small.convert("RGB"))).permute(2, 0, 1)[None]


def finished(regions: Tensor, alignment: Alignment, output_size: tuple[int, int]) -> Tensor:
    """Returns maps ``(B, h, w)`` of a network's inputs laid over their images and scaled to [0, 1]."""
    height, width = output_size
    laid = overlay(regions, alignment, height=height, width=width)
    return scaled_to_one(laid, out=laid)


def _alignment(network: MapNetwork, images: Tensor) -> Alignment:
    if images.dim() != 4 or images.shape[1] != 3:
        raise ValueError(f"images must be (B, 3, H, W), got {tuple(images.shape)=}")
    return alignment_of(images.shape[-2], images.shape[-1], size=network.input_size, stride=network.stride)
