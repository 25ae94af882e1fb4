"""The greedy oracle: how much accuracy on held-out images a filter is worth (section 5.3).

Every filter is left out alone, with all others in place. Many filters are worth the same number of
images, so the change of the loss decides between equals: squeezed into less than half an image, it
never overturns the accuracy. (The dissertation doesn't say how it breaks ties.)
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.masking import mask_channels
from thesis_workloads.systems.repr.pruning.selection import Scores
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters
from thesis_workloads.training.evaluation import EVALUATION_BATCH


@torch.no_grad()
def oracle_importance(
    network: nn.Module,
    convs: tuple[PrunableConv, ...],
    images: Tensor,
    labels: Tensor,
    *,
    skipped: tuple[str, ...] = (),
) -> Scores:
    """Returns the drop in accuracy (share of the images) without each filter, (J,) float64 on the CPU.

    One pass per filter over the layers from its own on: a chain of modules keeps what the earlier
    ones put out. The convolutions in ``skipped`` are not evaluated and get an infinite score.

    Raises:
        ValueError: if there are no held-out images.
    """
    if len(labels) == 0:
        raise ValueError(f"num_val must be at least 1 for the metric oracle, got {len(labels)=} images")
    was_training = network.training
    network.eval()
    stages = list(network.named_children()) if isinstance(network, nn.Sequential) else [("", network)]
    inputs = list(images.split(EVALUATION_BATCH))
    baseline = _accuracy_and_loss(stages, inputs, labels)
    scores: dict[str, Tensor] = {}
    for position, (name, module) in enumerate(stages):
        for conv in (conv for conv in convs if not name or conv.conv.split(".")[0] == name):
            width = len(filters(network, conv))
            scores[conv.conv] = torch.full((width,), math.inf, dtype=torch.float64)
            if conv.conv not in skipped:
                drops = [
                    _drop(network, conv, index, width, stages[position:], inputs, labels, baseline)
                    for index in range(width)
                ]
                scores[conv.conv] = torch.tensor(drops, dtype=torch.float64)
        inputs = [module(batch) for batch in inputs]
    network.train(was_training)
    return {conv.conv: scores[conv.conv] for conv in convs}


def _drop(
    network: nn.Module,
    conv: PrunableConv,
    index: int,
    width: int,
    stages: list[tuple[str, nn.Module]],
    inputs: list[Tensor],
    labels: Tensor,
    baseline: tuple[float, float],
) -> float:
    handles = mask_channels(network, conv, torch.ones(width).index_fill_(0, torch.tensor([index]), 0))
    accuracy, loss = _accuracy_and_loss(stages, inputs, labels)
    for handle in handles:
        handle.remove()
    tie_break = math.atan(loss - baseline[1]) / math.pi / len(labels)
    return baseline[0] - accuracy + tie_break


def _accuracy_and_loss(
    stages: list[tuple[str, nn.Module]], inputs: list[Tensor], labels: Tensor
) -> tuple[float, float]:
    totals = torch.zeros(2, dtype=torch.float64, device=labels.device)
    for batch, truth in zip(inputs, labels.split(EVALUATION_BATCH), strict=True):
        values = batch
        for _, module in stages:
            values = module(values)
        totals[0] += (values.argmax(1) == truth).sum()
        totals[1] += F.cross_entropy(values, truth, reduction="sum")
    accuracy, loss = (totals / len(labels)).tolist()
    return accuracy, loss
