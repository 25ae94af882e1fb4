"""Which images an optimizer step sees, the same for any number of workers."""

from collections.abc import Iterator, Sequence
from typing import Protocol

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


class Streamed(Protocol):
    """Images that are not in memory."""

    def __len__(self) -> int:
        """Returns the number of images."""

    def batches(self, batches: Sequence[Tensor], *, draw: int | None = None) -> Iterator[Tensor]:
        """Yields the images of every batch of indices; with ``draw`` changed at random for training."""


def fetch(
    images: Tensor | Streamed, batches: Sequence[Tensor], *, draw: int | None = None
) -> Iterator[Tensor]:
    """Yields the images (B, C, H, W) of every batch of indices, in order.

    ``draw`` is read by images that are not in memory: those change with it, as training images do by the epoch.
    """
    if not isinstance(images, Tensor):
        yield from images.batches(batches, draw=draw)
        return
    for batch in batches:
        yield images.index_select(0, batch.to(images.device))
