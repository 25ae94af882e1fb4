"""The network of the epoch with the best held-out accuracy: what early stopping would have returned.

It is kept next to the run and tested once, after the last epoch, as the last network is: the test part has no say in
the choice. Of epochs that are equally good the first counts.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from thesis_workloads.datasets.images.streamed_images import StreamedImages
from thesis_workloads.systems.repr.networks.catalog import same_layout
from thesis_workloads.systems.repr.pruning.selection import Kept
from thesis_workloads.systems.repr.pruning.subnetwork import shrink
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv
from thesis_workloads.training.evaluation import evaluate


@dataclass(frozen=True, kw_only=True)
class BestEpoch:
    """An epoch and the network after it."""

    epoch: int  # of the run, from 1
    val_accuracy: float  # 0..1, as is the next
    train_accuracy: float
    kept: Kept  # filters of the sub-network; empty where all filters were trained
    weights: dict[str, Tensor]  # of the network that was trained in it


def better_epoch(
    best: BestEpoch | None, network: nn.Module, kept: Kept, metrics: Mapping[str, float]
) -> BestEpoch | None:
    """Returns the epoch just finished if it is better than the best before, else that one."""
    if "val/accuracy" not in metrics or (best is not None and metrics["val/accuracy"] <= best.val_accuracy):
        return best
    return BestEpoch(
        epoch=int(metrics["epoch"]),
        val_accuracy=metrics["val/accuracy"],
        train_accuracy=metrics["train/accuracy"],
        kept=dict(kept),
        weights={name: value.detach().clone() for name, value in network.state_dict().items()},
    )


def tested_best(
    best: BestEpoch,
    full: nn.Module,
    convs: tuple[PrunableConv, ...],
    images: Tensor | StreamedImages,
    labels: Tensor,
) -> dict[str, float]:
    """Returns the metrics of the best epoch's network on the test part, and its gap to the training part."""
    network = same_layout(shrink(full, convs, best.kept)) if best.kept else copy.deepcopy(full)
    network.load_state_dict(best.weights)
    accuracy = evaluate(network, images, labels).accuracy
    return {
        "best/epoch": float(best.epoch),
        "best/val_accuracy": best.val_accuracy,
        "best/train_accuracy": best.train_accuracy,
        "best/test_accuracy": accuracy,
        "best/gap": best.train_accuracy - accuracy,
    }


def best_state(best: BestEpoch | None) -> dict[str, Any]:
    """Returns copies on the CPU and plain values; empty for none."""
    if best is None:
        return {}
    return {
        "epoch": best.epoch,
        "val_accuracy": best.val_accuracy,
        "train_accuracy": best.train_accuracy,
        "kept": {name: value.cpu().clone() for name, value in best.kept.items()},
        "weights": {name: value.cpu().clone() for name, value in best.weights.items()},
    }


def best_from_state(state: Mapping[str, Any], *, device: torch.device) -> BestEpoch | None:
    """Returns the best epoch that `best_state` describes."""
    if not state:
        return None
    weights = {name: value.to(device) for name, value in state["weights"].items()}
    return BestEpoch(**{**state, "weights": weights})
