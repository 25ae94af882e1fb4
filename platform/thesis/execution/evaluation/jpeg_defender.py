"""JPEG guided by a map, as the evaluation's stages meet a defence."""

from torch import Tensor

from thesis_workloads.contract.evaluation import DefenseSpec
from thesis_workloads.systems.aug_ms_roi.config import RegionDefenseConfig
from thesis_workloads.systems.aug_ms_roi.defense import check_defense, defend_by_regions, network_for_defense
from thesis_workloads.systems.pixel_deflection.defenders import Defender


def jpeg_defense(spec: DefenseSpec, *, device: str) -> Defender:
    """Returns the defence of a spec; its map is made of the very images that it is given.

    An attacker who knows it takes encoding for the identity (BPDA): rounding has no gradient.

    Raises:
        ValueError: if a setting is wrong.
    """
    config = RegionDefenseConfig(**spec.settings)
    check_defense(config)
    network = network_for_defense(config, device=device)

    def apply(images: Tensor, seeds: Tensor, saliency: Tensor | None) -> Tensor:
        return defend_by_regions(config, network, images, seeds)

    return Defender(apply=apply)
