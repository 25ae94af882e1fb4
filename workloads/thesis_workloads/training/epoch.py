"""One epoch of training over images held in memory, exact for any number of workers.

Every worker draws the same order, takes its slice of each global batch and scales its summed loss so
that the mean over workers is the mean over the global batch: uneven last batches and workers without
images included. Batch normalisation sees the local slice only.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.training.batches import local_part
from thesis_workloads.training.distributed import all_sum, rank, world_size
from thesis_workloads.training.evaluation import Score
from thesis_workloads.training.optimizers import set_learning_rate

Objective = Callable[[nn.Module, Tensor, Tensor], tuple[Tensor, Tensor]]
"""(network, images, labels) -> loss summed over the images, logits (B, K)."""


def cross_entropy(network: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the summed cross entropy and the logits (B, K)."""
    logits = network(images)
    return F.cross_entropy(logits, labels, reduction="sum"), logits


def train_epoch(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    *,
    order: Tensor,
    batch_size: int,
    learning_rate: Callable[[float], float],
    objective: Objective = cross_entropy,
) -> Score:
    """Trains for one pass over ``order`` and returns loss and accuracy as seen during it, of all workers.

    ``batch_size`` counts the images of all workers together. ``learning_rate`` is asked before every
    step with the share of the epoch that is over (0..1).
    """
    network.train()
    batches = order.to(images.device).split(batch_size)
    totals = torch.zeros(2, dtype=torch.float64, device=images.device)
    for step, batch in enumerate(batches):
        set_learning_rate(optimizer, learning_rate(step / len(batches)))
        totals += _step(network, optimizer, images, labels, batch=batch, objective=objective)
    loss, accuracy = (all_sum(totals) / len(order)).tolist()
    return Score(loss=loss, accuracy=accuracy)


def _step(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    *,
    batch: Tensor,
    objective: Objective,
) -> Tensor:
    mine = local_part(batch, rank=rank(), world_size=world_size())
    is_idle = len(mine) == 0
    # A worker without images must still join the exchange of gradients: one image of weight zero.
    mine = batch[:1] if is_idle else mine
    truth = labels.index_select(0, mine)
    optimizer.zero_grad(set_to_none=True)
    loss, logits = objective(network, images.index_select(0, mine), truth)
    (loss * (0.0 if is_idle else world_size() / len(batch))).backward()
    optimizer.step()
    if is_idle:
        return torch.zeros(2, dtype=torch.float64, device=images.device)
    correct = (logits.detach().argmax(1) == truth).sum()
    return torch.stack((loss.detach().double(), correct.double()))
