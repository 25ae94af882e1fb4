"""Importance of every filter by the metrics of table 5.1: the smallest are pruned."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning import data_metrics
from thesis_workloads.systems.repr.pruning.oracle import oracle_importance
from thesis_workloads.systems.repr.pruning.ortho import ortho_overlap, released_overlap
from thesis_workloads.systems.repr.pruning.selection import Scores
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters
from thesis_workloads.training.distributed import broadcast
from thesis_workloads.training.seeding import derived_seed, generator


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """What a metric may look at: the network, its wiring, held-out images, and options."""

    network: nn.Module
    convs: tuple[PrunableConv, ...]
    images: Tensor  # (N, C, H, W), held out: of the oracle
    labels: Tensor  # (N,)
    seed: int
    round: int  # 1..N
    score_scale: str  # none | dimension (of ortho) | layer
    variant: str  # text | released, of ortho
    rank_first_conv: bool
    train_images: Tensor  # (M, C, H, W), to train on: of the other metrics that need images
    train_labels: Tensor  # (M,)


def ortho(ranking: Ranking) -> Scores:
    """Returns the negated overlap: the filter that overlaps most is the least important (section 5.5)."""
    if ranking.variant == "released":
        return {conv.conv: -released_overlap(_weight(ranking, conv)) for conv in ranking.convs}
    scale = "dimension" if ranking.score_scale == "dimension" else "none"
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


def _on_training_images(
    metric: Callable[[nn.Module, tuple[PrunableConv, ...], Tensor, Tensor], Scores],
) -> Callable[[Ranking], Scores]:
    return lambda case: metric(case.network, case.convs, case.train_images, case.train_labels)


def hessian(ranking: Ranking) -> Scores:
    """Returns `data_metrics.hessian` with signs drawn from seed and round."""
    seed = derived_seed("ranking", ranking.seed, ranking.round)
    images, labels = ranking.train_images, ranking.train_labels
    return data_metrics.hessian(ranking.network, ranking.convs, images, labels, seed=seed)


METRICS: dict[str, Callable[[Ranking], Scores]] = {
    "ortho": ortho,
    "weights": weights,
    "random": random,
    "oracle": oracle,
    "activations": _on_training_images(data_metrics.activations),
    "apoz": _on_training_images(data_metrics.apoz),
    "gradients": _on_training_images(data_metrics.gradients),
    "taylor": _on_training_images(data_metrics.taylor),
    "hessian": hessian,
}


def importance(metric: str, ranking: Ranking) -> Scores:
    """Returns the metric's scores as rank 0 computed them, (J,) float64 on the CPU for every convolution.

    Raises:
        ValueError: if no metric has this name.
    """
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, got {metric=}")
    scores = METRICS[metric](ranking)
    if ranking.score_scale == "layer":
        scores = {name: by_layer(layer) for name, layer in scores.items()}
    device = next(ranking.network.parameters()).device
    shared = broadcast(torch.cat([layer.double().to(device) for layer in scores.values()])).cpu()
    return dict(zip(scores, shared.split([len(layer) for layer in scores.values()]), strict=True))


def by_layer(scores: Tensor) -> Tensor:
    """Returns a layer's scores (J,) over their L2 norm (Molchanov et al. 2017, eq. 8); zeros stay zeros."""
    norm = scores[scores.isfinite()].norm()
    return scores / norm if norm > 0 else scores


def ranking_images(num_train: int, *, count: int, seed: int, round_number: int) -> Tensor:
    """Returns the indices of the training images that rank the filters of a round: all, or ``count`` drawn."""
    if count >= num_train:
        return torch.arange(num_train)
    draws = generator("ranking images", seed, round_number)
    return torch.randperm(num_train, generator=draws)[:count].sort().values


def ortho_sum(network: nn.Module, convs: tuple[PrunableConv, ...]) -> float:
    """Returns equation 5.2 summed over all filters of the network (figure 5.9)."""
    sums = [ortho_overlap(filters(network, conv)).sum() for conv in convs]
    return float(torch.stack(sums).sum())


def _weight(ranking: Ranking, conv: PrunableConv) -> Tensor:
    return filters(ranking.network, conv).detach()
