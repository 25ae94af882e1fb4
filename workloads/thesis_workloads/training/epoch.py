"""One epoch of training, exact for any number of workers.

Every worker draws the same order, takes its slice of each global batch and scales its summed loss so
that the mean over workers is the mean over the global batch: uneven last batches and workers without
images included. Batch normalisation sees the local slice only.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.training.batches import Streamed, fetch
from thesis_workloads.training.distributed import all_sum, world_size
from thesis_workloads.training.evaluation import Score
from thesis_workloads.training.loop import local_share
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
    images: Tensor | Streamed,
    labels: Tensor,
    *,
    order: Tensor,
    batch_size: int,
    learning_rate: Callable[[float], float],
    objective: Objective = cross_entropy,
    draw: int = 0,
) -> Score:
    """Trains for one pass over ``order`` and returns loss and accuracy as seen during it, of all workers.

    ``batch_size`` counts the images of all workers together. ``learning_rate`` is asked before every
    step with the share of the epoch that is over (0..1). ``draw`` is what `fetch` makes of it.
    """
    network.train()
    batches = order.split(batch_size)
    shares = [local_share(batch) for batch in batches]
    seen = [share for share, _ in shares]
    totals = torch.zeros(2, dtype=torch.float64, device=labels.device)
    for step, pixels in enumerate(fetch(images, seen, draw=draw)):
        set_learning_rate(optimizer, learning_rate(step / len(batches)))
        truth = labels.index_select(0, seen[step].to(labels.device))
        weight = shares[step][1] * world_size() / len(batches[step])
        totals += _step(network, optimizer, pixels, truth, weight=weight, objective=objective)
    loss, accuracy = (all_sum(totals) / len(order)).tolist()
    return Score(loss=loss, accuracy=accuracy)


def _step(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    *,
    weight: float,
    objective: Objective,
) -> Tensor:
    optimizer.zero_grad(set_to_none=True)
    loss, logits = objective(network, images, labels)
    (loss * weight).backward()
    optimizer.step()
    if weight == 0:
        return torch.zeros(2, dtype=torch.float64, device=labels.device)
    correct = (logits.detach().argmax(1) == labels).sum()
    return torch.stack((loss.detach().double(), correct.double()))
