"""Optimizers of networks of which parts start again."""

import torch
from torch import nn

from thesis_workloads.training.elementwise_adam import ElementwiseAdam
from thesis_workloads.training.optimizers import build_optimizer


def build_repr_optimizer(
    name: str, network: nn.Module, *, learning_rate: float, momentum: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Returns an optimizer whose cleared slots are those of a weight that has never been trained.

    That is `build_optimizer`'s for SGD; PyTorch's Adam has a step counter that can't be cleared for a part.

    Raises:
        ValueError: if no optimizer has this name.
    """
    if name == "adam":
        return ElementwiseAdam(network.parameters(), lr=learning_rate, weight_decay=weight_decay)
    return build_optimizer(
        name, network, learning_rate=learning_rate, momentum=momentum, weight_decay=weight_decay
    )
