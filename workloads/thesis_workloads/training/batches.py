"""Which images an optimizer step sees, the same for any number of workers."""

import torch
from torch import Tensor

from thesis_workloads.training.seeding import generator


def epoch_order(num_images: int, *, seed: int, epoch: int) -> Tensor:
    """Returns a permutation of the images (N,), drawn from seed and epoch alone."""
    return torch.randperm(num_images, generator=generator("order", seed, epoch))


def local_part(batch: Tensor, *, rank: int, world_size: int) -> Tensor:
    """Returns this worker's contiguous slice of a global batch.

    Sizes differ by at most one and earlier workers get the larger ones, so rank 0 is never without
    images; later ones may be.
    """
    return batch.tensor_split(world_size)[rank]
