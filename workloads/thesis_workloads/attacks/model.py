"""What an attack needs of a classifier: logits, the range of its inputs, a view of some of the samples."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Attackable(Protocol):
    """A classifier as the attacks see it; `AttackModel` and `adaptive.DefendedModel` are two."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Returns the lowest and the highest value of an input."""
        ...

    def __call__(self, inputs: Tensor) -> Tensor:
        """Returns logits (B, K) of images (B, C, H, W)."""
        ...

    def at(self, rows: Tensor, step: int) -> "Attackable":
        """Returns the model for some samples of the batch at one step of an attack.

        An attack drops the samples that it has solved, so a model that holds something per sample (the
        seeds of a random defence) needs to know which samples remain. `rows` are their indices in the
        attacked batch.
        """
        ...


@dataclass(frozen=True)
class AttackModel:
    """A plain classifier: the same for every sample and every step.

    `network` maps images in `bounds` to logits, so it holds its own normalisation; it must be in evaluation
    mode.
    """

    network: Callable[[Tensor], Tensor]
    bounds: tuple[float, float] = (0.0, 1.0)

    def __call__(self, inputs: Tensor) -> Tensor:
        """Returns logits (B, K) of images (B, C, H, W) in `bounds`."""
        return self.network(inputs)

    def at(self, rows: Tensor, step: int) -> "AttackModel":
        """Returns the model itself."""
        return self


def check_batch(model: Attackable, inputs: Tensor, labels: Tensor, targets: Tensor | None = None) -> None:
    """Checks what every attack assumes of its arguments.

    Raises:
        ValueError: if the images are not a float batch (B, C, H, W) in the model's bounds, or if the labels
            or the targets are not class indices (B,).
    """
    lower, upper = model.bounds
    if inputs.ndim != 4 or not inputs.is_floating_point():
        raise ValueError(f"inputs must be a float batch (B, C, H, W), got {inputs.shape=} {inputs.dtype=}")
    for name, classes in (("labels", labels), ("targets", targets)):
        if classes is not None and (classes.shape != inputs.shape[:1] or classes.dtype != torch.int64):
            raise ValueError(f"{name} must be int64 of shape (B,), got {classes.shape=} {classes.dtype=}")
    if inputs.numel() and (float(inputs.min()) < lower or float(inputs.max()) > upper):
        raise ValueError(
            f"inputs must lie in {model.bounds=}, got {float(inputs.min())=} {float(inputs.max())=}"
        )
