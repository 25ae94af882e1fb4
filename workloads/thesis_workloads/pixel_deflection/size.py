"""What one step of a trial costs, for an estimate before anything runs."""

from dataclasses import dataclass

from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.pixel_deflection.config import PixelDeflectionConfig

# Floating point operations of one forward pass (two per multiplication with addition), as
# the networks' authors and torchvision publish them.
_NETWORKS = {
    "efficientnet-lite0": 0.8e9,
    "efficientnet-lite1": 1.2e9,
    "efficientnet-lite2": 1.8e9,
    "resnet-50": 8.2e9,
    "vgg-19": 39.3e9,
    "inception-v3": 11.4e9,
}
_SHIPPED_VAL = 8  # of the twenty shipped photographs


@dataclass(frozen=True, kw_only=True)
class Size:
    """Counts of one trial; a trial only classifies, so all its images count as held out."""

    num_parameters: int  # that are trained and kept: none
    flops_per_image: float  # one forward pass
    activations_per_image: float
    values_per_image: int
    num_train: int
    num_val: float  # classifications in one of the trial's steps


def size_of(config: PixelDeflectionConfig) -> Size:
    """Returns the size of a trial with this config."""
    flops = _NETWORKS[config.classifier]
    num_images = config.num_val or (_SHIPPED_VAL if config.data == "photographs" else 300)
    num_attacks = 1 + len(config.attacks.split("+"))
    side = CATALOG[config.classifier].input_size
    return Size(
        num_parameters=0,
        flops_per_image=flops,
        activations_per_image=20.0 * side * side,
        values_per_image=4 * side * side,
        num_train=0,
        num_val=num_images * num_attacks * config.num_votes / config.epochs,
    )
