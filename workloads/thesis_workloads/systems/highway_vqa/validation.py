"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.contract.settings import check_settings
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig


def validate(config: HighwayVQAConfig) -> None:
    """Checks every field's choices and bounds; nothing relates several of them.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_settings(config)
