"""What a network says of each class: where it sees it, and how much of it in all (equation 2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class ClassActivity:
    """The activity of every class over a batch."""

    maps: Tensor  # (B, C, h, w) float32, at least 0: a class's feature maps summed over d
    totals: Tensor  # (B, C) float32: Z of equation 2.4, comparable with a threshold T


class MapNetwork(Protocol):
    """A network with a map per class."""

    input_size: int  # pixels: what the shorter side of an image is scaled to
    stride: int  # pixels of an input that a cell of a map stands for, along each side

    def activity(self, images: Tensor) -> ClassActivity:
        """Returns the activity for images ``(B, 3, H, W)`` in [0, 1], sides multiples of the stride."""

    def perturbable_layers(self) -> Sequence[nn.Module]:
        """Returns the modules whose outputs are the intermediate activations, in the order of their use."""
