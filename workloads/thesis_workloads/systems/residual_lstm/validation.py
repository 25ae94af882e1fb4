"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.contract.settings import check, check_settings
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig


def validate(config: ResidualLSTMConfig) -> None:
    """Checks every field's choices and bounds, and what relates several of them.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_settings(config)
    is_halved = config.model == "bidirectional"
    check(
        not is_halved or config.num_layers % 2 == 0,
        "num_layers",
        "be even for bidirectional",
        config.num_layers,
    )
    is_connected = config.model != "residual" or config.residual_step <= config.num_layers
    check(is_connected, "residual_step", f"be at most {config.num_layers=}", config.residual_step)
