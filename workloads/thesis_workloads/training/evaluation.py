"""Loss and accuracy of a classifier, in batches, shared out among the workers."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.training.batches import Streamed, fetch
from thesis_workloads.training.distributed import all_sum, rank, world_size

EVALUATION_BATCH = 64  # what a core's cache bears; four times as many take up to twice as long
_ON_ACCELERATOR = 256


@dataclass(frozen=True)
class Score:
    """Mean cross entropy (nats) and share of right answers (0..1) over some images."""

    loss: float
    accuracy: float


def evaluate(network: nn.Module, images: Tensor | Streamed, labels: Tensor) -> Score:
    """Returns the score over all images (N, C, H, W), the same on every worker.

    Every worker takes a contiguous part, so all of them must call this with the same images. The
    network is left in the mode it was in.

    Raises:
        ValueError: if there are no images.
    """
    if len(labels) == 0:
        raise ValueError(f"images must not be empty, got {len(labels)=}")
    part = slice_of(len(labels))
    was_training = network.training
    network.eval()
    totals = _totals(network, images, labels, part)
    network.train(was_training)
    loss, correct = (all_sum(totals) / len(labels)).tolist()
    return Score(loss=loss, accuracy=correct)


def slice_of(num_images: int) -> slice:
    """Returns this worker's contiguous part of the images."""
    bounds = [num_images * k // world_size() for k in range(world_size() + 1)]
    return slice(bounds[rank()], bounds[rank() + 1])


@torch.inference_mode()
def _totals(network: nn.Module, images: Tensor | Streamed, labels: Tensor, part: slice) -> Tensor:
    totals = torch.zeros(2, dtype=torch.float64, device=labels.device)
    if part.start == part.stop:
        return totals
    size = EVALUATION_BATCH if labels.device.type == "cpu" else _ON_ACCELERATOR
    batches = torch.arange(part.start, part.stop).split(size)
    for pixels, batch in zip(fetch(images, batches), batches, strict=True):
        truth = labels.index_select(0, batch.to(labels.device))
        logits = network(pixels)
        totals[0] += F.cross_entropy(logits, truth, reduction="sum")
        totals[1] += (logits.argmax(1) == truth).sum()
    return totals
