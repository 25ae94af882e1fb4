"""Which filters stay: the bottom p% over the whole network go (section 5.5, algorithm 4 line 6).

The ranking is global, as in the dissertation. Two settled deviations: every layer keeps ``min_filters`` (a
layer without filters cuts the network), and the first convolution keeps all of its filters unless
``rank_first_conv`` is set (the author's reported practice; the percentage still counts its filters).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

Scores = Mapping[str, Tensor]
"""Importance (J,) of the filters of every convolution, in the order of the forward pass."""

Kept = dict[str, Tensor]
"""Ascending indices (int64, on the CPU) of the filters that stay, for every convolution."""


def select(scores: Scores, *, p: float, min_filters: int, rank_first_conv: bool) -> Kept:
    """Returns the filters that stay when the round(p% of all filters) least important ones go.

    Equal scores go in the order of layers and filters, so the choice is the same wherever the scores
    are. Where the floor leaves fewer filters to take than p% asks for, only those are taken.

    Raises:
        ValueError: if a score is not a number.
    """
    values = torch.cat([layer.double().cpu() for layer in scores.values()])
    if bool(values.isnan().any()):
        raise ValueError(f"scores must be numbers, got {int(values.isnan().sum())} NaN")
    owners = [(name, index) for name, layer in scores.items() for index in range(len(layer))]
    is_kept = {name: [True] * len(layer) for name, layer in scores.items()}
    spare = _spared_filters(scores, min_filters=min_filters, rank_first_conv=rank_first_conv)
    wanted = num_to_prune(len(owners), p=p)
    for position in values.argsort(stable=True).tolist():
        name, index = owners[position]
        if wanted > 0 and spare[name] > 0:
            is_kept[name][index] = False
            spare[name] -= 1
            wanted -= 1
    return {name: torch.tensor(flags).nonzero().flatten() for name, flags in is_kept.items()}


def num_to_prune(num_filters: int, *, p: float) -> int:
    """Returns p% of the filters, rounded half up."""
    return int(num_filters * p / 100 + 0.5)


def check_prunable(widths: Mapping[str, int], *, p: float, min_filters: int, rank_first_conv: bool) -> None:
    """Checks before any training that p% of the filters can go while every layer keeps its floor.

    Raises:
        ValueError: if the network has no convolution, or p is too large for it.
    """
    total = sum(widths.values())
    if total == 0:
        raise ValueError(f"model must have convolutions whose filters can be pruned, got {total=}")
    spare = _spared_filters(
        {name: torch.empty(width) for name, width in widths.items()},
        min_filters=min_filters,
        rank_first_conv=rank_first_conv,
    )
    limit = sum(spare.values())
    if num_to_prune(total, p=p) > limit:
        raise ValueError(
            f"p must leave min_filters={min_filters} in every layer, at most {100 * limit / total:.4g} "
            f"percent of the {total} filters with rank_first_conv={rank_first_conv}, got p={p:g}"
        )


def _spared_filters(scores: Scores, *, min_filters: int, rank_first_conv: bool) -> dict[str, int]:
    spare = {name: max(len(layer) - min_filters, 0) for name, layer in scores.items()}
    if not rank_first_conv:
        spare[next(iter(spare))] = 0
    return spare
