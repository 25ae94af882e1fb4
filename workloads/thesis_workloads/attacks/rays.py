"""RayS: a decision-based attack in Linf that sees only the predicted class. Chen and Gu, KDD 2020, algorithm 3.

It looks for the sign vector along which the nearest wrong prediction lies closest: blocks of signs are turned over,
halves of halves, and a turn is kept if the image is still misclassified at the best radius so far; a bisection
then finds the smaller radius. Deviation: bisections have a fixed length, so that the draws of a random model
depend on the turn and not on the other samples.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import per_sample
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.randomness import uniform

_BISECTIONS = 6


@torch.no_grad()
def rays(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    seeds: Tensor,
    epsilon: float | Tensor = 0.03,
    num_steps: int = 100,
) -> Tensor:
    """Searches a direction of signs by the predicted class alone.

    Args:
        seeds: One seed per sample (B,), of the first direction.
        epsilon: Largest change of a value, in input units; a number or one per sample.
        num_steps: Turns that are tried; each costs one evaluation of the model, and a better one six more.

    Returns:
        Images (B, C, H, W) in the model's bounds, epsilon from the inputs along the best direction found.

    Raises:
        ValueError: if the batch does not fit the model, or if an argument is out of range.
    """
    check_batch(model, inputs, labels)
    if num_steps < 1:
        raise ValueError(f"num_steps must be positive, got {num_steps=}")
    rows, reach = torch.arange(len(inputs), device=inputs.device), per_sample(epsilon, inputs)
    low, high = model.bounds

    def is_wrong(directions: Tensor, radii: Tensor, number: int) -> Tensor:
        trial = (inputs + radii * directions).clamp(low, high)
        return (model.at(rows, number)(trial).argmax(1) != labels)[:, None, None, None]

    signs = 2.0 * (uniform(seeds, inputs.shape[1:]).to(inputs) < 0.5) - 1
    best = torch.full_like(reach, high - low)  # where a whole image is turned to its bounds
    for turn, block in zip(range(num_steps), _blocks(inputs[0].numel()), strict=False):
        turned = signs.flatten(1).clone()
        if turn:  # the first question is about the direction as it was drawn
            turned[:, block] *= -1
        turned = turned.view_as(signs)
        number = turn * (_BISECTIONS + 1)
        better = is_wrong(turned, best, number)
        signs = torch.where(better, turned, signs)
        if not better.any():
            continue
        lower, upper = torch.zeros_like(best), best
        for further in range(1, _BISECTIONS + 1):
            middle = (lower + upper) / 2
            wrong = is_wrong(signs, middle, number + further)
            lower, upper = torch.where(wrong, lower, middle), torch.where(wrong, middle, upper)
        best = torch.where(better, upper, best)
    return (inputs + reach * signs).clamp(low, high)


def _blocks(num_values: int) -> Iterator[slice]:
    """Yields the whole, its halves, their halves, ..., single values, and then the whole again."""
    level = 0
    while True:
        num_blocks = min(2**level, num_values)
        for block in range(num_blocks):
            yield slice(block * num_values // num_blocks, (block + 1) * num_values // num_blocks)
        level = level + 1 if num_blocks < num_values else 0
