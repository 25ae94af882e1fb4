"""What one step of a trial costs, for an estimate before anything runs."""

from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

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


def size_of(config: PixelDeflectionConfig) -> ModelSize:
    """Returns the size of a trial with this config."""
    flops = _NETWORKS[config.classifier]
    num_images = config.num_val or (_SHIPPED_VAL if config.data == "photographs" else 300)
    num_attacks = 1 + len(config.attacks.split("+"))
    side = CATALOG[config.classifier].input_size
    return ModelSize(
        num_parameters=0,
        flops_per_example=flops,
        activations_per_example=20.0 * side * side,
        values_per_example=4 * side * side,
        num_train=0,
        num_val=num_images * num_attacks * config.num_votes / config.epochs,
    )
