"""JPEG guided by a map as a defence: fine on objects, coarse elsewhere (sections 3.3 and 3.4).

Prakash et al., "Protecting JPEG Images Against Adversarial Attacks", DCC 2018.

Each 8x8 block is quantised at its level and the mosaic becomes one standard JPEG (algorithm 2), as large as
plain JPEG of the image at ``quality``: the guided file and the plain one differ in where the bits are.
"""

import functools
import io
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.contract.settings import check_settings
from thesis_workloads.defenses.jpeg import compress_as_jpeg
from thesis_workloads.imaging.content_aware import Encoding, encode_content_aware
from thesis_workloads.saliency.class_activity import MapNetwork
from thesis_workloads.saliency.maps import region_map
from thesis_workloads.saliency.pretrained import load_map_network
from thesis_workloads.systems.aug_ms_roi.augmented import augmented_map
from thesis_workloads.systems.aug_ms_roi.config import RegionDefenseConfig
from thesis_workloads.systems.ms_roi.state import load_model_file


def defend_by_regions(
    config: RegionDefenseConfig, network: MapNetwork | None, images: Tensor, seeds: Tensor
) -> Tensor:
    """Returns the images ``(B, 3, H, W)`` in [0, 1] after encoding and decoding.

    Args:
        config: settings.
        network: that makes the maps; None where ``config.map`` is none.
        images: ``(B, 3, H, W)`` in [0, 1], as the defender receives them.
        seeds: ``(B,)`` int64 (`counter_random.image_seeds`), for the perturbations.

    Raises:
        ValueError: if a map is wanted without a network.
    """
    saliency = map_for_defense(config, network, images, seeds)
    if saliency is None:
        return compress_as_jpeg(images, quality=round(config.quality))
    settings = Encoding(
        quality=config.quality, num_levels=config.num_levels, q_low=config.q_low, q_high=config.q_high
    )
    levels = (images.detach().clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    decoded = [
        _decoded(encode_content_aware(Image.fromarray(image), each, settings).data)
        for image, each in zip(levels, saliency.cpu(), strict=True)
    ]
    return torch.from_numpy(np.stack(decoded)).permute(0, 3, 1, 2).to(images) / 255


def map_for_defense(
    config: RegionDefenseConfig, network: MapNetwork | None, images: Tensor, seeds: Tensor
) -> Tensor | None:
    """Returns the map ``(B, H, W)`` in [0, 1] that guides the encoder; None for plain JPEG.

    Raises:
        ValueError: if a map is wanted without a network.
    """
    if config.map == "none":
        return None
    if network is None:
        raise ValueError(f"network must be given where a map is wanted, got {config.map=}, {network=}")
    threshold = None if math.isnan(config.threshold) else config.threshold
    if config.map == "plain":
        return region_map(network, images.detach(), top_k=config.top_k, threshold=threshold)
    return augmented_map(
        network,
        images.detach(),
        seeds,
        num_perturbations=config.num_perturbations,
        scale=config.perturbation_scale,
        top_k=config.top_k,
        threshold=threshold,
    )


def network_for_defense(config: RegionDefenseConfig, *, device: str = "cpu") -> MapNetwork | None:
    """Returns the network that makes the maps, loaded once per process; None for plain JPEG.

    Raises:
        ValueError: if it is neither a classifier of the catalog nor a trained state.
    """
    if config.map == "none":
        return None
    return _network(config.network, config.input_size, device)


def check_defense(config: RegionDefenseConfig) -> None:
    """Checks every field's choices and bounds, and whether there is such a network.

    Raises:
        ValueError: naming the setting.
    """
    check_settings(config)
    check_network(config.network)


def check_network(name: str) -> None:
    """Checks whether there is a network of that name, or a file.

    Raises:
        ValueError: if there is neither.
    """
    if name not in CATALOG and not Path(name).is_file():
        raise ValueError(
            f"network must be one of {', '.join(CATALOG)} or the file of a trained state, got network={name!r}"
        )


@functools.lru_cache(maxsize=4)
def _network(name: str, input_size: int, device: str) -> MapNetwork:
    if name in CATALOG:
        found = load_map_network(name, input_size=input_size)
        found.classifier.to(device)
        return found
    return load_model_file(Path(name), input_size=input_size).to(device)


def _decoded(data: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))
