"""Filters silenced in place: what a physically smaller network computes, at the full network's price.

Used where a filter can't be removed (residual sums), to rank filters by leaving them out, and as the
reference that the smaller network is compared with.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters, norms


def mask_filters(
    network: nn.Module, convs: tuple[PrunableConv, ...], kept: Mapping[str, Tensor]
) -> list[RemovableHandle]:
    """Zeroes the outputs of all filters but the kept ones, behind their batch normalisation.

    A consumer that is a batch normalisation would turn zero into its shift, so its outputs are zeroed
    as well. Silenced filters get no gradient. Returns the handles that undo it.
    """
    handles = []
    for conv in convs:
        width = len(filters(network, conv))
        if len(kept[conv.conv]) < width:
            mask = torch.zeros(width).index_fill_(0, kept[conv.conv].cpu(), 1)
            handles += mask_channels(network, conv, mask)
    return handles


def silence_filters(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Mapping[str, Tensor]) -> None:
    """Silences all filters but the kept ones for good, by scale and shift of zero in their batch normalisation.

    Computes what `mask_filters` does without its price. An optimizer with momentum may still move the
    zeros: they are set again before every forward pass, and their gradients are zero. Convolutions without a
    batch normalisation of their own are masked.
    """
    bare = tuple(conv for conv in convs if conv.norm is None)
    mask_filters(network, bare, kept)
    for conv in convs:
        width = len(filters(network, conv))
        if conv.norm is not None and len(kept[conv.conv]) < width:
            mask = torch.zeros(width).index_fill_(0, kept[conv.conv].cpu(), 1)
            _hold_at_zero(network.get_submodule(conv.norm), mask)


def _hold_at_zero(norm: nn.Module, mask: Tensor) -> None:
    parameters = list(norm.parameters())
    factor = mask.to(parameters[0].device, parameters[0].dtype)

    def zero(_module: nn.Module, _inputs: object) -> None:
        with torch.no_grad():
            for parameter in parameters:
                parameter.mul_(factor)

    norm.register_forward_pre_hook(zero)
    for parameter in parameters:
        parameter.register_hook(lambda gradient: gradient * factor)


def mask_channels(network: nn.Module, conv: PrunableConv, mask: Tensor) -> list[RemovableHandle]:
    """Multiplies the outputs of one convolution by the mask (J,), 1 for a filter that stays."""
    handles = [_multiply(network.get_submodule(conv.norm or conv.conv), mask)]
    for name, offset in norms(network, conv):
        if name != conv.norm:
            module = network.get_submodule(name)
            wide = torch.ones(len(next(module.parameters())))
            wide[offset : offset + len(mask)] = mask
            handles.append(_multiply(module, wide))
    return handles


def _multiply(module: nn.Module, mask: Tensor) -> RemovableHandle:
    parameter = next(module.parameters())
    factor = mask.to(parameter.device, parameter.dtype).view(1, -1, 1, 1)

    def hook(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        return output * factor

    return module.register_forward_hook(hook)
