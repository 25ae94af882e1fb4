"""What a trained network and a finished run show: figures 5.2 (right) and 5.3, and numbers of sections 5.4 to 5.6."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import rankdata

from thesis_workloads.systems.repr.pruning.selection import Scores


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Pearson correlation of a metric with the greedy oracle over all filters, -1..1; NaN for a constant metric."""

    values: float
    ranks: float  # the same of the ranks, which is Spearman's


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What the filters of one layer are worth to the oracle, in points of held-out accuracy."""

    drops: tuple[float, ...]  # of each filter
    share_below_one: float  # share of the filters that are worth less than one point
    largest: float


def agreement(scores: Scores, oracle: Scores) -> Agreement:
    """Returns the correlations of two importances of the same filters; equal values share their mean rank."""
    ours = torch.cat([scores[name].double() for name in oracle]).numpy()
    theirs = torch.cat([layer.double() for layer in oracle.values()]).numpy()
    return Agreement(values=_pearson(ours, theirs), ranks=_pearson(rankdata(ours), rankdata(theirs)))


def contributions(oracle: Scores) -> dict[str, Contribution]:
    """Returns the distribution of the oracle's drops per layer (figure 5.2, right)."""
    return {
        name: Contribution(
            drops=tuple((100 * layer).tolist()),
            share_below_one=float((100 * layer < 1).double().mean()),
            largest=float(100 * layer.max()),
        )
        for name, layer in oracle.items()
    }


def pruned_shares(rows: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    """Returns the share of its filters that each layer lost, round by round, from a run's reports."""
    prefix = "repr/pruned/"
    shares: dict[str, tuple[float, ...]] = {}
    for row in rows:
        for key in (key for key in row if key.startswith(prefix)):
            name = key.removeprefix(prefix)
            shares[name] = (*shares.get(name, ()), row[key])
    return shares


def _pearson(first: np.ndarray, second: np.ndarray) -> float:
    a, b = first - first.mean(), second - second.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size > 0 else float("nan")
