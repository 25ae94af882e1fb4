"""Dense-Sparse-Dense training (Han et al. 2016), on the same schedule as RePr: S1 epochs dense, S2 sparse, N times.

At the start of a sparse phase the p% smallest weights of every convolution and linear layer are set to
zero; they stay there, without gradient or optimizer state, and start from zero when they are
released. Biases and batch normalisation stay dense. Chosen here: the learning rate follows the run's
schedule (Han et al. lower it for the last dense phase), as for every scheme that is compared.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from thesis_workloads.systems.repr.pruning.selection import num_to_prune
from thesis_workloads.training.optimizers import OptimizerState


@torch.no_grad()
def magnitude_masks(network: nn.Module, *, p: float) -> dict[str, Tensor]:
    """Returns for every weight of a convolution or linear layer what stays: bool, True where not among the p%."""
    masks = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            sizes = module.weight.abs().flatten()
            mask = torch.ones_like(sizes, dtype=torch.bool)
            mask[sizes.argsort(stable=True)[: num_to_prune(len(sizes), p=p)]] = False
            masks[f"{name}.weight"] = mask.view(module.weight.shape)
    return masks


@torch.no_grad()
def hold_at_zero(
    network: nn.Module, optimizer_state: OptimizerState, masks: Mapping[str, Tensor]
) -> list[RemovableHandle]:
    """Zeroes weights and optimizer slots outside the masks, in place, and their gradients from now on.

    Returns the handles that release the gradients.
    """
    clear_outside(optimizer_state, masks)
    handles = []
    for name, mask in masks.items():
        parameter = network.get_parameter(name)
        factor = mask.to(parameter.device, parameter.dtype)
        parameter.mul_(factor)
        handles.append(parameter.register_hook(lambda gradient, factor=factor: gradient * factor))
    return handles


def clear_outside(optimizer_state: OptimizerState, masks: Mapping[str, Tensor]) -> None:
    """Zeroes the optimizer's slots of the weights outside the masks, in place."""
    for name, mask in masks.items():
        for slot in optimizer_state.get(name, {}).values():
            if slot.shape == mask.shape:
                slot.mul_(mask.to(slot.device, slot.dtype))


def share_at_zero(masks: Mapping[str, Tensor]) -> float:
    """Returns the share of the masked layers' weights that are held at zero, 0 without masks."""
    total = sum(mask.numel() for mask in masks.values())
    return sum(int((~mask).sum()) for mask in masks.values()) / total if total else 0.0
