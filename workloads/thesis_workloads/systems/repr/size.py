"""The size of a run, computed without making a tensor or reading an image."""

import dataclasses
import math

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.datasets.catalog import image_set
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.later_layers import later_modules
from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.selection import check_prunable
from thesis_workloads.systems.repr.pruning.wiring import filters
from thesis_workloads.systems.repr.validation import is_file


def size_of(config: RePrConfig) -> ModelSize:
    """Returns the size of a run from its configuration.

    Raises:
        ValueError: if there is no such dataset or network.
    """
    images = image_set(config.data)
    channels, height, width = images.image_shape
    network = _network(config).eval()
    outputs: list[int] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        outputs.append(output.numel())

    for module in network.modules():
        if not list(module.children()):
            module.register_forward_hook(note)
    counter = FlopCounterMode(display=False)
    with counter:
        network(torch.empty(1, channels, height, width, device="meta"))
    return ModelSize(
        num_parameters=sum(parameter.numel() for parameter in network.parameters()),
        flops_per_example=float(counter.get_total_flops()),
        activations_per_example=sum(outputs),
        # Files are decoded when they are used.
        values_per_example=0 if images.source == "folder" else math.prod(images.image_shape),
        num_train=config.num_train or images.num_train - config.num_val,
        num_val=config.num_val,
    )


def check_pruning(config: RePrConfig) -> None:
    """Checks before anything starts that the network can lose p% of its filters.

    Raises:
        ValueError: if there is no such dataset, network or teacher, or p would empty a layer.
    """
    if config.teacher != "none" and not is_file(config.teacher):
        _network(dataclasses.replace(config, model=config.teacher))
    network = _network(config)
    convs = prunable_convs(config.model, network)
    if config.scheme == "later-layers":
        later_modules(network, convs, num_early_layers=config.num_early_layers)
    widths = {conv.conv: len(filters(network, conv)) for conv in convs}
    if config.scheme == "repr":
        check_prunable(
            widths, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv
        )


def _network(config: RePrConfig) -> nn.Module:
    """Returns the network without memory for its weights."""
    images = image_set(config.data)
    channels, height, width = images.image_shape
    with torch.device("meta"):
        return build_network(
            config.model,
            in_channels=channels,
            image_size=(height, width),
            num_classes=images.num_classes,
            batch_norm=config.batch_norm,
            dropout=config.dropout,
            seed=0,
        )
