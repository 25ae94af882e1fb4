"""The sub-network phase with a physically smaller network (algorithm 4, lines 7-9).

The dissertation trains the sub-network with the pruned filters dropped; masking would compute the same at
the full price. Here the smaller network owns index-selected copies of weights, batch-norm buffers and
optimizer slots, and what it learned is scattered back. What it doesn't hold (the pruned filters, and the
weights with which others read them) stays in the full network as it was.
"""

import copy
import itertools
from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.masking import silence_filters
from thesis_workloads.systems.repr.pruning.selection import Kept
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv, filters
from thesis_workloads.training.optimizers import OptimizerState

Index = tuple[Tensor | None, Tensor | None]
"""Rows (first dimension) and columns (second) that a tensor keeps; None keeps all."""

Selection = dict[str, Index]
"""By name of a parameter or buffer; tensors that keep everything are absent."""


def selection(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> Selection:
    """Returns the part of every parameter and buffer of the full network that the smaller one holds."""
    rows: dict[str, Tensor] = {}
    stays: dict[str, Tensor] = {}
    for conv in (conv for conv in convs if conv.removable):
        width = len(filters(network, conv))
        is_kept = torch.zeros(width, dtype=torch.bool).index_fill_(0, kept[conv.conv], True)
        if bool(is_kept.all()):
            continue
        rows |= {name: kept[conv.conv] for name in (conv.conv, conv.norm) if name}
        for consumer in conv.consumers:
            full = torch.ones(_num_inputs(network, consumer), dtype=torch.bool)
            flags = stays.setdefault(consumer.name, full)
            wide = is_kept.repeat_interleave(consumer.features_per_channel)
            flags[consumer.offset : consumer.offset + len(wide)] = wide
    columns = {name: flags.nonzero().flatten() for name, flags in stays.items()}
    return _by_tensor(network, rows, columns)


def _num_inputs(network: nn.Module, consumer: Consumer) -> int:
    module = network.get_submodule(consumer.name)
    if isinstance(module, nn.BatchNorm2d):
        return module.num_features
    if isinstance(module, nn.Conv2d) and module.groups == 1:
        return module.in_channels
    if isinstance(module, nn.Linear):
        return module.in_features
    raise ValueError(f"consumer must be an ungrouped convolution, linear or batch norm, got {module=}")


def _by_tensor(network: nn.Module, rows: dict[str, Tensor], columns: dict[str, Tensor]) -> Selection:
    chosen: Selection = {}
    for name in rows.keys() | columns.keys():
        module = network.get_submodule(name)
        row, column = rows.get(name), columns.get(name)
        if isinstance(module, nn.BatchNorm2d):
            row, column = row if row is not None else column, None
        own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        for attribute, tensor in own:
            index = (row, column if tensor.dim() > 1 else None)
            if tensor.dim() > 0 and index != (None, None):
                chosen[f"{name}.{attribute}"] = index
    return chosen


def take(tensor: Tensor, index: Index) -> Tensor:
    """Returns the selected rows and columns as a new tensor."""
    for dimension, positions in enumerate(index):
        if positions is not None:
            tensor = tensor.index_select(dimension, positions.to(tensor.device))
    return tensor.clone()


def put(tensor: Tensor, index: Index, values: Tensor) -> None:
    """Writes values to the selected rows and columns of the tensor, in place."""
    ranges = [
        torch.arange(tensor.shape[dimension]) if positions is None else positions
        for dimension, positions in enumerate(index[: tensor.dim()])
    ]
    grid = torch.meshgrid(*(positions.to(tensor.device) for positions in ranges), indexing="ij")
    tensor[grid] = values.to(tensor.device)


@torch.no_grad()
def shrink(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> nn.Module:
    """Returns a smaller copy with the kept filters only; filters that can't be removed are silenced in it."""
    sub = copy.deepcopy(network)
    for name, index in selection(network, convs, kept).items():
        path, attribute = name.rsplit(".", 1)
        module = sub.get_submodule(path)
        old = getattr(module, attribute)
        new = take(old.detach(), index)
        is_parameter = isinstance(old, nn.Parameter)
        setattr(module, attribute, nn.Parameter(new, old.requires_grad) if is_parameter else new)
        _resize(module)
    sub.zero_grad(set_to_none=True)
    _rectify_in_place(sub)
    silence_filters(sub, tuple(conv for conv in convs if not conv.removable), kept)
    return sub


def _rectify_in_place(sub: nn.Module) -> None:
    """Lets a ReLU overwrite what a convolution or batch norm just before it wrote, which nobody else reads.

    Neither needs its output for the gradient, so the numbers stay the same to the last bit. Only the smaller
    copy: metrics look at the full network's outputs through hooks.
    """
    for block in sub.modules():
        if isinstance(block, nn.Sequential):
            for before, after in itertools.pairwise(block):
                if isinstance(before, nn.Conv2d | nn.BatchNorm2d) and isinstance(after, nn.ReLU):
                    after.inplace = True


def _resize(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        module.out_channels, module.in_channels = module.weight.shape[:2]
    elif isinstance(module, nn.Linear):
        module.out_features, module.in_features = module.weight.shape
    elif isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
        module.num_features = len(module.running_mean)


@torch.no_grad()
def scatter(network: nn.Module, sub: nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> None:
    """Writes what the smaller network learned back to its places in the full one.

    Filters that were only silenced drift with momentum and weight decay; they are not written back.
    """
    chosen, learned = selection(network, convs, kept), not_silenced(network, convs, kept)
    targets = dict([*network.named_parameters(), *network.named_buffers()])
    for name, value in [*sub.named_parameters(), *sub.named_buffers()]:
        _write(targets[name], name, value, chosen=chosen, learned=learned)


def _write(target: Tensor, name: str, value: Tensor, *, chosen: Selection, learned: Selection) -> None:
    if name in learned:
        rows, columns = learned[name][0], chosen.get(name, (None, None))[1]
        put(target, (rows, columns), take(value, (rows, None)))
    elif name in chosen:
        put(target, chosen[name], value)
    else:
        target.copy_(value)


def not_silenced(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> Selection:
    """Returns the rows that learn in tensors of filters that are silenced where they stand."""
    rows = {
        name: kept[conv.conv]
        for conv in convs
        if not conv.removable
        for name in (conv.conv, conv.norm)
        if name is not None
    }
    return _by_tensor(network, rows, {})


Columns = dict[str, tuple[Tensor, Tensor]]
"""By name of a weight: the indices of some of its input channels, and a copy of its values there."""


def unheard_columns(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> Columns:
    """Returns the weights that read a summed channel to which no kept filter contributes.

    They get no gradient while the sub-network trains. Its optimizer moves them all the same, by momentum and weight
    decay: like the weights that read a removed filter they wait as they are.
    """
    producers: defaultdict[str, list[str]] = defaultdict(list)
    for conv in convs:
        for reader in conv.readers_of_sum:
            producers[reader].append(conv.conv)
    found: Columns = {}
    for reader, names in producers.items():
        weight = network.get_submodule(reader).weight
        assert isinstance(weight, Tensor)
        is_heard = torch.zeros(weight.shape[1], dtype=torch.bool)
        for name in names:
            is_heard[kept[name]] = True
        if not bool(is_heard.all()):
            columns = (~is_heard).nonzero().flatten()
            found[f"{reader}.weight"] = (columns, weight.detach()[:, columns.to(weight.device)].clone())
    return found


@torch.no_grad()
def put_unheard(network: nn.Module, unheard: Columns) -> None:
    """Gives the weights of `unheard_columns` back their values."""
    parameters = dict(network.named_parameters())
    for name, (columns, values) in unheard.items():
        put(parameters[name], (None, columns), values)


def keep_unheard(optimizer_state: OptimizerState, before: OptimizerState, unheard: Columns) -> None:
    """Gives the optimizer's slots of those weights back their values from before the pruning, zero where none."""
    for name, (columns, values) in unheard.items():
        for slot, value in optimizer_state.get(name, {}).items():
            if value.dim() == values.dim():
                old = before.get(name, {}).get(slot)
                index = (None, columns)
                put(value, index, take(value, index).zero_() if old is None else take(old, index))


def take_optimizer_state(
    optimizer_state: OptimizerState, chosen: Selection, shapes: Mapping[str, torch.Size]
) -> OptimizerState:
    """Returns the smaller network's optimizer slots; those not of the parameter's shape are copied."""
    return {
        name: {
            slot: take(
                value, chosen[name] if name in chosen and value.shape == shapes[name] else (None, None)
            )
            for slot, value in state.items()
        }
        for name, state in optimizer_state.items()
    }


def put_optimizer_state(
    optimizer_state: OptimizerState,
    sub_optimizer_state: OptimizerState,
    chosen: Selection,
    shapes: Mapping[str, torch.Size],
    *,
    learned: Selection,
) -> OptimizerState:
    """Returns the full network's slots with the smaller network's values in their places.

    ``learned`` is what `not_silenced` returns. Where the full network had no state yet (the optimizer's
    first steps were in the sub-network), what the smaller one doesn't learn starts from zero.
    """
    merged: defaultdict[str, dict[str, Tensor]] = defaultdict(dict)
    for name, state in sub_optimizer_state.items():
        for slot, value in state.items():
            is_like_parameter = (name in chosen or name in learned) and value.dim() == len(shapes[name])
            old = optimizer_state.get(name, {}).get(slot)
            target = value.clone()
            if is_like_parameter:
                target = value.new_zeros(shapes[name]) if old is None else old.clone()
                _write(target, name, value, chosen=chosen, learned=learned)
            merged[name][slot] = target
    return dict(merged)
