"""Checks of a detector's configuration that need neither data nor PyTorch."""

from thesis_workloads.contract.settings import check, check_settings
from thesis_workloads.systems.repr.detection.config import DetectionConfig


def validate(config: DetectionConfig) -> None:
    """Checks every field's choices and bounds, and what relates several of them.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_settings(config)
    if config.data == "shapes":
        check(config.num_train >= 1, "num_train", "be at least 1 for generated scenes", config.num_train)
        check(config.num_test >= 1, "num_test", "be at least 1 for generated scenes", config.num_test)
    if config.pretrained != "none":
        check(config.width == 64, "width", "be 64 for a pretrained backbone", config.width)
