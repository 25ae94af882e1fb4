"""How much the map of an image changes when the image is attacked: what a sweep of Aug-MSROI runs many times.

Nothing is trained. A trial walks the images in steps and reports after each the mean over all so far. The map
of an attacked image is compared with the map of the image before, made in the same way and with the same
seed; MS-ROI is the case without noise.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.contract.settings import check_settings
from thesis_workloads.defenses.counter_random import image_seeds
from thesis_workloads.saliency.class_activity import MapNetwork
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig, RegionDefenseConfig
from thesis_workloads.systems.aug_ms_roi.defense import (
    check_network,
    map_for_defense,
    network_for_defense,
)


class AttackedPart(Protocol):
    """Images under one attack, or as they were."""

    @property
    def is_clean(self) -> bool:
        """Whether nobody attacked them."""

    @property
    def ids(self) -> Tensor:
        """``(B,)`` int64."""

    @property
    def images(self) -> Tensor:
        """``(B, 3, H, W)`` in [0, 1]."""


class AttackedData(Protocol):
    """What a sweep's trials share."""

    @property
    def parts(self) -> Sequence[Callable[[], AttackedPart]]:
        """The images in parts that are read when they are reached, a chunk's clean ones before its attacked ones."""


def measure(config: AugmentedMapConfig, data: AttackedData, reporter: Reporter) -> None:
    """Reports, after each of ``epochs`` steps, what was seen so far.

    Metrics: ``val/correlation`` between the map of an attacked image and that of the image before (-1..1),
    ``val/sharpness``, the deviation of the maps over their mean.
    """
    network = network_of(config)
    correlations: list[Tensor] = []
    sharpness: list[Tensor] = []
    clean: dict[int, Tensor] = {}
    for step in range(config.epochs):
        first, last = (number * len(data.parts) // config.epochs for number in (step, step + 1))
        for read in data.parts[first:last]:
            part = read()
            if not len(part.ids):
                continue
            maps = maps_of(config, network, part.images.to(config.device), part.ids)
            names = part.ids.tolist()
            if part.is_clean:
                clean |= dict(zip(names, maps, strict=True))
                sharpness.append(maps.flatten(1).std(1) / maps.flatten(1).mean(1))
                continue
            correlations.append(correlation(maps, torch.stack([clean[name] for name in names])))
        metrics = {"val/correlation": correlations, "val/sharpness": sharpness}
        found = {name: float(torch.cat(values).mean()) for name, values in metrics.items() if values}
        reporter.report({"epoch": step + 1, **found})


def network_of(config: AugmentedMapConfig) -> MapNetwork:
    """Returns the network that makes a config's maps."""
    network = network_for_defense(_as_defense(config), device=config.device)
    assert network is not None
    return network


def maps_of(config: AugmentedMapConfig, network: MapNetwork, images: Tensor, ids: Tensor) -> Tensor:
    """Returns the maps ``(B, H, W)`` of images with ids ``(B,)``; without noise they are MS-ROI."""
    maps = map_for_defense(_as_defense(config), network, images, image_seeds(ids, seed=config.seed))
    assert maps is not None
    return maps


def correlation(maps: Tensor, others: Tensor) -> Tensor:
    """Returns Pearson's correlation ``(B,)`` over the pixels of maps ``(B, H, W)``; 0 where one is constant."""
    a, b = (
        each.flatten(1).double() - each.flatten(1).double().mean(1, keepdim=True) for each in (maps, others)
    )
    scale = (a.square().sum(1) * b.square().sum(1)).sqrt()
    return torch.where(scale > 0, (a * b).sum(1) / scale.clamp(min=1e-300), 0.0)


def validate(config: AugmentedMapConfig) -> None:
    """Checks every field's choices and bounds, and whether there is such a network.

    Raises:
        ValueError: naming the first setting that is out of range, with what it may be.
    """
    check_settings(config)
    check_network(config.network)


def _as_defense(config: AugmentedMapConfig) -> RegionDefenseConfig:
    return RegionDefenseConfig(
        map="augmented" if config.perturbation_scale > 0 else "plain",
        network=config.network,
        input_size=config.input_size,
        top_k=config.top_k,
        num_perturbations=config.num_perturbations,
        perturbation_scale=config.perturbation_scale,
    )
