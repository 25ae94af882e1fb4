"""How large a run is, reckoned without making a tensor or reading an image."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from thesis_workloads.datasets.catalog import image_set
from thesis_workloads.repr.config import RePrConfig
from thesis_workloads.repr.networks import build_network


@dataclass(frozen=True, kw_only=True)
class Size:
    """Counts of one run; a multiplication and an addition are two FLOP."""

    num_parameters: int
    flops_per_image: float  # one forward pass
    activations_per_image: int  # values that the layers put out
    values_per_image: int  # C * H * W
    num_train: int
    num_val: int


def size_of(config: RePrConfig) -> Size:
    """Returns the size of a run from its configuration.

    Raises:
        ValueError: if there is no such dataset or network.
    """
    images = image_set(config.data)
    channels, height, width = images.image_shape
    with torch.device("meta"):
        network = build_network(
            config.model,
            in_channels=channels,
            image_size=(height, width),
            num_classes=images.num_classes,
            batch_norm=config.batch_norm,
            dropout=config.dropout,
            seed=0,
        ).eval()
    outputs: list[int] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        outputs.append(output.numel())

    for module in network.modules():
        if not list(module.children()):
            module.register_forward_hook(note)
    counter = FlopCounterMode(display=False)
    with counter:
        network(torch.empty(1, channels, height, width, device="meta"))
    return Size(
        num_parameters=sum(parameter.numel() for parameter in network.parameters()),
        flops_per_image=float(counter.get_total_flops()),
        activations_per_image=sum(outputs),
        values_per_image=math.prod(images.image_shape),
        num_train=config.num_train or images.num_train - config.num_val,
        num_val=config.num_val,
    )
