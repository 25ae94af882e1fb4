"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.contract.settings import check, check_settings
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig

_GENERATED = ("composites", "stamps")


def validate(config: RegionNetworkConfig) -> None:
    """Checks every field's choices and bounds, and what relates several of them.

    Raises:
        ValueError: naming the first setting that is out of range, with what it may be.
    """
    check_settings(config)
    is_halved = config.image_size % 2**config.stages == 0
    rule = f"be a multiple of 2^stages={2**config.stages}"
    check(is_halved, "image_size", rule, config.image_size)
    has_scenes = config.data not in _GENERATED or config.num_train >= 1
    check(has_scenes, "num_train", "be at least 1 for scenes that are made", config.num_train)
