"""Images with objects in boxes: what a detector trains on, held in memory or read from files by other processes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One image and the objects in it."""

    id: int
    image: Tensor  # (3, H, W) uint8
    boxes: Tensor  # (M, 4) float32: left, top, right, bottom in pixels
    labels: Tensor  # (M,) int64 in 1..number of classes; 0 is the background
    is_crowd: Tensor  # (M,) bool: a box around many objects, which no detector is asked to find


class Scenes(Protocol):
    """A list of scenes, read one at a time."""

    def __len__(self) -> int:
        """Returns the number of scenes."""

    def __getitem__(self, index: int, /) -> Scene:
        """Returns one; the same one each time."""


@dataclass(frozen=True, kw_only=True)
class SceneSplits:
    """The training part, the held-out part, and the test part that is read once."""

    train: Scenes
    val: Scenes
    test: Scenes
    classes: tuple[str, ...]  # the name of label k is classes[k - 1]
    name: str
    version: str
    digest: str


class _Listed:
    def __init__(self, scenes: Scenes) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        return len(self.scenes)

    def __getitem__(self, index: int) -> Scene:
        return self.scenes[index]


def scene_batches(
    scenes: Scenes, batches: Sequence[Sequence[int]], *, num_loaders: int
) -> Iterator[list[Scene]]:
    """Yields the scenes of every batch of indices, in order.

    With ``num_loaders`` above zero that many processes read and decode ahead, so that an accelerator doesn't
    wait for files.
    """
    if num_loaders == 0:
        for batch in batches:
            yield [scenes[index] for index in batch]
        return
    yield from DataLoader(
        _Listed(scenes),  # type: ignore[arg-type]
        batch_sampler=[list(batch) for batch in batches],
        num_workers=num_loaders,
        collate_fn=list,
        generator=torch.Generator(),  # else it draws from the one that samples regions
    )
