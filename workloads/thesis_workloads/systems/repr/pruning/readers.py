"""The weights with which later layers read the filters that come back.

Filters that share a sum with others (residual networks) have no readers of their own here: every reader of the sum
reads the others too.
"""

import torch
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.selection import Kept
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv
from thesis_workloads.training.optimizers import OptimizerState


@torch.no_grad()
def reset_readers(
    network: nn.Module,
    optimizer_state: OptimizerState,
    conv: PrunableConv,
    kept: Kept,
    dropped: Tensor,
    *,
    how: str,
    fresh: nn.Module | None,
) -> None:
    """Changes the weights that read the dropped filters (D,) of a convolution, in place, and clears their slots.

    ``how``: "old" leaves the weights, "zero" lets nobody hear the new filters until they have learned, "fresh" takes
    those of ``fresh``, a new network. Of a reader that is itself a convolution of which filters were dropped, only
    the kept ones change: the others are new filters.

    Raises:
        ValueError: if there is no such way, or "fresh" has no new network.
    """
    if how not in ("old", "zero", "fresh"):
        raise ValueError(f"readers must be old, zero or fresh, got readers={how!r}")
    if how == "fresh" and fresh is None:
        raise ValueError("readers=fresh must be given a new network to take weights from, got none")
    for consumer in conv.consumers:
        module = network.get_submodule(consumer.name)
        if isinstance(module, nn.BatchNorm2d):
            continue
        weight = module.weight
        assert isinstance(weight, Tensor)
        columns = _columns(consumer, dropped).to(weight.device)
        name = f"{consumer.name}.weight"
        for slot in optimizer_state.get(name, {}).values():
            if slot.shape == weight.shape:
                slot[:, columns.to(slot.device)] = 0.0
        if how == "old":
            continue
        rows = kept.get(consumer.name, torch.arange(len(weight))).to(weight.device)
        grid = torch.meshgrid(rows, columns, indexing="ij")
        if how == "zero":
            weight[grid] = 0.0
        else:
            assert fresh is not None
            weight[grid] = fresh.get_submodule(consumer.name).weight[grid].to(weight)  # type: ignore[index]


def _columns(consumer: Consumer, dropped: Tensor) -> Tensor:
    """Returns the input channels or features that hold what the dropped filters put out."""
    size = consumer.features_per_channel
    return (consumer.offset + dropped[:, None] * size + torch.arange(size, device=dropped.device)).flatten()
