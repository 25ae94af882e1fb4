"""Batches of sentences that are about equally long, so that little is computed on padding."""

import torch
from torch import Tensor

POOL_BATCHES = 50  # sentences are sorted within pools of this many batches, which keeps batches varied


def length_bucketed(
    lengths: Tensor, *, batch_size: int, generator: torch.Generator, pool_batches: int = POOL_BATCHES
) -> list[Tensor]:
    """Returns batches of indices that hold every sentence once.

    The sentences are shuffled, sorted by length within pools, cut into batches, and the batches shuffled:
    another order with every generator, and about equal lengths in a batch.

    Args:
        lengths: (N,) or (N, D); with several columns the first decides and the next break ties.
        batch_size: sentences of a batch; the last one may hold fewer.
        generator: draws the order.
        pool_batches: batches per pool; 1 sorts nothing.

    Raises:
        ValueError: if a batch or a pool would be empty.
    """
    if batch_size < 1 or pool_batches < 1:
        raise ValueError(f"batch_size and pool_batches must be at least 1, got {batch_size=} {pool_batches=}")
    count = len(lengths)
    order = torch.randperm(count, generator=generator)
    columns = lengths.reshape(count, -1)
    if pool_batches > 1:
        # A sort that is stable, last key first, sorts by all keys.
        for column in reversed(columns.unbind(1)):
            order = order[column[order].sort(stable=True).indices]
        pool = _pool_of(count, pool_batches * batch_size, generator)
        order = order[pool[order].sort(stable=True).indices]
    batches = list(order.split(batch_size))
    places: list[int] = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[place] for place in places]


def sorted_batches(lengths: Tensor, *, batch_size: int) -> list[Tensor]:
    """Returns batches of indices, longest sentences first: the order in which a test part is decoded."""
    return list(lengths.sort(descending=True, stable=True).indices.split(batch_size))


def _pool_of(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Returns the pool (N,) of every sentence: all of ``size`` sentences but the last."""
    pools = torch.empty(count, dtype=torch.int64)
    pools[torch.randperm(count, generator=generator)] = torch.arange(count) // size
    return pools
