"""Random numbers of single items: an item's draws depend on the seed, its number and the place alone.

No generator is carried from item to item. So a batch, a worker or a resumed run draws the same for an item, and
all items are drawn at once. The generator is SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom
Number Generators", OOPSLA 2014): a mix of 64 bits over a counter. Each item has a counter sequence of its own.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thesis_workloads.training.seeding import derived_seed

_STEP = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio, odd
_FIRST_FACTOR = 0xBF58476D1CE4E5B9
_SECOND_FACTOR = 0x94D049BB133111EB


def integers_of_items(
    items: Tensor, *, num_places: int, low: int, high: int, seed: tuple[int | str, ...]
) -> Tensor:
    """Returns integers (N, num_places) int64 in low..high-1 for the numbers (N,) of items.

    Args:
        items: (N,) int64, not negative.
        num_places: draws of each item; more of them change none of the first.
        low: smallest value.
        high: smallest value that is not drawn.
        seed: what the draws are for.

    Raises:
        ValueError: if there is no value to draw.
    """
    if high <= low:
        raise ValueError(f"high must be above low, got {low=} {high=}")
    start = np.array([derived_seed(*seed)], dtype=np.uint64)
    states = _mixed(_mixed(items.cpu().numpy().astype(np.uint64)) + start)[:, None]
    counters = np.arange(1, num_places + 1, dtype=np.uint64) * np.uint64(_STEP)
    # The upper 53 bits are a fraction that a double holds exactly.
    fractions = (_mixed(states + counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return torch.from_numpy((low + np.floor(fractions * (high - low))).astype(np.int64)).to(items.device)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Returns the finaliser of SplitMix64; arrays wrap around at 2^64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(_FIRST_FACTOR)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(_SECOND_FACTOR)
    return values ^ (values >> np.uint64(31))
