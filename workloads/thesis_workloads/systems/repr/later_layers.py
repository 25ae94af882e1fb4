"""The later layers drawn again: later-layer forgetting (Zhou et al. 2022, section 4), a control for RePr.

All modules from a certain convolution on get the weights of a new network; earlier ones keep theirs. Layers are in the
order in which the network holds them, which is that of the forward pass.
"""

import torch
from torch import nn

from thesis_workloads.systems.repr.pruning.wiring import PrunableConv


@torch.no_grad()
def draw_later_layers(
    network: nn.Module, fresh: nn.Module, convs: tuple[PrunableConv, ...], *, num_early_layers: int
) -> list[str]:
    """Copies the later layers of ``fresh`` into the network, in place; returns the names of their parameters."""
    later = later_modules(network, convs, num_early_layers=num_early_layers)
    source = fresh.state_dict()
    for name, value in network.state_dict().items():
        if name.rpartition(".")[0] in later:
            value.copy_(source[name])
    return [name for name, _ in network.named_parameters() if name.rpartition(".")[0] in later]


def later_modules(
    network: nn.Module, convs: tuple[PrunableConv, ...], *, num_early_layers: int
) -> frozenset[str]:
    """Returns the names of the modules with parameters that lie behind the first layers.

    Raises:
        ValueError: if the network has fewer convolutions than layers are to stay.
    """
    if num_early_layers > len(convs):
        raise ValueError(
            f"num_early_layers must be at most {len(convs)}, the convolutions of the network, got {num_early_layers=}"
        )
    owners = [
        name
        for name, module in network.named_modules()
        if any(True for _ in module.parameters(recurse=False))
    ]
    if num_early_layers < len(convs):
        return frozenset(owners[owners.index(convs[num_early_layers].conv) :])
    last = {convs[-1].conv, convs[-1].norm}
    return frozenset(owners[max(place for place, name in enumerate(owners) if name in last) + 1 :])
