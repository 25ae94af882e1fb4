"""What a setting of the defence must satisfy, checked before anything starts."""

from thesis_workloads.contract.settings import check_settings
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

DENOISERS = ("wavelet", "dct", "jpeg", "bilateral", "anisotropic", "tvm", "deconvolution")
"""Names only: importing `pipeline`, which has them too, takes PyTorch."""


def validate(config: PixelDeflectionConfig) -> None:
    """Checks every field's choices and bounds, the lists of names, and what relates several fields.

    Raises:
        ValueError: naming the first setting that is out of range, with what it may be.
    """
    check_settings(config)
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
