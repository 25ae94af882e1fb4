"""Parts of a training loop that every system shares: a worker's share of a batch, named metrics, finite losses."""

import math
from collections.abc import Mapping

from torch import Tensor

from thesis_workloads.training.batches import local_part
from thesis_workloads.training.distributed import rank, world_size


def local_share(batch: Tensor) -> tuple[Tensor, float]:
    """Returns the examples that this worker reads of a global batch, and their weight in the step: 1 or 0.

    A worker for which no example is left must still join the exchange of gradients: it reads one of weight zero.
    """
    part = local_part(batch, rank=rank(), world_size=world_size())
    return (part, 1.0) if len(part) else (batch[:1], 0.0)


def backward_mean(loss: Tensor, *, weight: float, count: int) -> None:
    """Computes gradients whose mean over the workers is that of the mean loss of a global batch.

    Args:
        loss: summed over this worker's share.
        weight: of `local_share`.
        count: terms of the sum over the whole batch.
    """
    (loss * (weight * world_size() / count)).backward()  # type: ignore[no-untyped-call]


def named(part: str, metrics: Mapping[str, float]) -> dict[str, float]:
    """Returns the metrics with the name of their part before them: ``val/loss``."""
    return {f"{part}/{name}": value for name, value in metrics.items()}


def check_finite(
    metrics: Mapping[str, float], *, epoch: int, learning_rate: float, largest: float = math.inf
) -> None:
    """Stops a run whose losses (metrics named ``.../loss``, ``..._loss``) are no numbers any more.

    Raises:
        FloatingPointError: with the first such loss, its epoch and the rate, also if it is above ``largest``.
    """
    for name, value in metrics.items():
        if name.endswith("loss") and (not math.isfinite(value) or value > largest):
            raise FloatingPointError(
                f"{name} became {value} in epoch {epoch} at learning_rate={learning_rate:g}"
            )
