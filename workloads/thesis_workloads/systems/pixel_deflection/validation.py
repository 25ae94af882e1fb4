"""What a setting of the defence must satisfy, checked before anything starts."""

from thesis_workloads.classifiers.names import CLASSIFIERS
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

DENOISERS = ("wavelet", "dct", "jpeg", "bilateral", "anisotropic", "tvm", "deconvolution")
"""Names only: importing `pipeline`, which has them too, takes PyTorch."""


_AT_LEAST = {
    "window": 0,
    "num_deflections": 0,
    "sigma": 0,
    "top_k": 1,
    "num_votes": 1,
    "num_val": 0,
    "batch_size": 1,
    "epochs": 1,
}
_CHOICES = {
    "classifier": CLASSIFIERS,
    "sampling": ("uniform", "gaussian"),
    "replacement": ("random", "min", "max", "mean"),
    "variant": ("text", "released"),
    "sigma_scale": ("legacy", "rgb"),
    "method": ("bayes", "visu", "sure"),
    "mode": ("soft", "hard"),
    "attack_scale": ("smoke", "small", "paper"),
}


def validate(config: PixelDeflectionConfig) -> None:
    """Checks a config.

    Raises:
        ValueError: naming the first setting that is out of range, with what it may be.
    """
    for name, least in _AT_LEAST.items():
        value = getattr(config, name)
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, got {name}={value}")
    for name, allowed in _CHOICES.items():
        value = getattr(config, name)
        if value not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {name}={value!r}")
    unknown = [name for name in config.denoisers.split("+") if name and name not in DENOISERS]
    if unknown:
        raise ValueError(f"denoisers must be some of {', '.join(DENOISERS)} joined by +, got {unknown[0]!r}")
    if config.variant == "released" and (config.sampling, config.replacement) != ("uniform", "random"):
        raise ValueError(
            "variant=released must sample uniformly at random, got"
            f" sampling={config.sampling}, replacement={config.replacement}"
        )
    if not config.attacks.strip("+ "):
        raise ValueError(f"attacks must name at least one attack, got attacks={config.attacks!r}")
