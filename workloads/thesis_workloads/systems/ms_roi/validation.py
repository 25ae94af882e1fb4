"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig

_AT_LEAST = {
    "image_size": 16,
    "num_train": 0,
    "num_val": 1,
    "stages": 1,
    "width": 1,
    "maps_per_class": 1,
    "epochs": 1,
    "batch_size": 1,
    "weight_decay": 0,
    "seed": 0,
}
_DEVICES = ("auto", "cpu", "cuda")
_GENERATED = ("composites", "stamps")


def validate(config: RegionNetworkConfig) -> None:
    """Checks a config.

    Raises:
        ValueError: naming the first setting that is out of range, with what it may be.
    """
    for name, least in _AT_LEAST.items():
        value = getattr(config, name)
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, got {name}={value}")
    if not 0 < config.learning_rate < float("inf"):
        raise ValueError(f"learning_rate must be positive, got learning_rate={config.learning_rate}")
    if config.device not in _DEVICES:
        raise ValueError(f"device must be one of {', '.join(_DEVICES)}, got device={config.device!r}")
    if config.image_size % 2**config.stages:
        raise ValueError(
            f"image_size must be a multiple of 2^stages={2**config.stages}, got image_size={config.image_size}"
        )
    if config.data in _GENERATED and config.num_train < 1:
        raise ValueError(
            f"num_train must be at least 1 for scenes that are made, got num_train={config.num_train}"
        )
