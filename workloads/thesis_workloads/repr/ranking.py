"""Importance of every filter by the metrics of table 5.1: the smallest are pruned."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thesis_workloads.repr.oracle import oracle_importance
from thesis_workloads.repr.ortho import ortho_overlap, released_overlap
from thesis_workloads.repr.selection import Scores
from thesis_workloads.repr.wiring import PrunableConv, filters
from thesis_workloads.training.distributed import broadcast
from thesis_workloads.training.seeding import generator


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """What a metric may look at: the network, its wiring, held-out images, and options."""

    network: nn.Module
    convs: tuple[PrunableConv, ...]
    images: Tensor  # (N, C, H, W), held out
    labels: Tensor  # (N,)
    seed: int
    round: int  # 1..N
    score_scale: str  # none | dimension, of ortho
    variant: str  # text | released, of ortho
    rank_first_conv: bool


def ortho(ranking: Ranking) -> Scores:
    """Returns the negated overlap: the filter that overlaps most is the least important (section 5.5)."""
    if ranking.variant == "released":
        return {conv.conv: -released_overlap(_weight(ranking, conv)) for conv in ranking.convs}
    scale = ranking.score_scale
    return {conv.conv: -ortho_overlap(_weight(ranking, conv), scale=scale) for conv in ranking.convs}


def weights(ranking: Ranking) -> Scores:
    """Returns the L2 norm of every filter without its bias (section 5.2.3)."""
    return {conv.conv: _weight(ranking, conv).flatten(1).double().norm(dim=1) for conv in ranking.convs}


def random(ranking: Ranking) -> Scores:
    """Returns uniform numbers drawn from seed and round."""
    draws = generator("ranking", ranking.seed, ranking.round)
    return {
        conv.conv: torch.rand(len(_weight(ranking, conv)), generator=draws, dtype=torch.float64)
        for conv in ranking.convs
    }


def oracle(ranking: Ranking) -> Scores:
    """Returns the drop in held-out accuracy without the filter (section 5.3)."""
    skipped = () if ranking.rank_first_conv else (ranking.convs[0].conv,)
    return oracle_importance(ranking.network, ranking.convs, ranking.images, ranking.labels, skipped=skipped)


METRICS: dict[str, Callable[[Ranking], Scores]] = {
    "ortho": ortho,
    "weights": weights,
    "random": random,
    "oracle": oracle,
}


def importance(metric: str, ranking: Ranking) -> Scores:
    """Returns the metric's scores as rank 0 computed them, (J,) float64 on the CPU for every convolution.

    Raises:
        ValueError: if no metric has this name.
    """
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, got {metric=}")
    scores = METRICS[metric](ranking)
    device = next(ranking.network.parameters()).device
    shared = broadcast(torch.cat([layer.double().to(device) for layer in scores.values()])).cpu()
    return dict(zip(scores, shared.split([len(layer) for layer in scores.values()]), strict=True))


def ortho_sum(network: nn.Module, convs: tuple[PrunableConv, ...]) -> float:
    """Returns equation 5.2 summed over all filters of the network (figure 5.9)."""
    sums = [ortho_overlap(filters(network, conv)).sum() for conv in convs]
    return float(torch.stack(sums).sum())


def _weight(ranking: Ranking, conv: PrunableConv) -> Tensor:
    return filters(ranking.network, conv).detach()
