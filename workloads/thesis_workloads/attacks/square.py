"""Square attack, Linf: Andriushchenko, Croce, Flammarion and Hein, 2020, algorithm 2. Black box.

Deviations: the position and colours of a square are drawn per sample from its own seed (the published code
shares the position over the batch), and the margin is used for targeted attacks too.
"""

import math

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import per_sample
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import is_adversarial, margin, take, unsolved_rows
from thesis_workloads.attacks.randomness import derive_seeds, uniform

_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # of p, in steps of a run of 10,000


def side_of_square(step: int, *, num_steps: int, initial_share: float, height: int, width: int) -> int:
    """Returns the side, in pixels, of the squares tried at a step (section 3.2 of the source)."""
    scaled = step / num_steps * 10_000
    share = initial_share / 2 ** sum(scaled > halving for halving in _HALVINGS)
    return min(max(round(math.sqrt(share * height * width)), 1), min(height, width) - 1 or 1)


@torch.no_grad()
def square(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    seeds: Tensor,
    targets: Tensor | None = None,
    epsilon: float | Tensor = 0.03,
    initial_share: float = 0.8,
    num_steps: int = 1000,
    stop_at_success: bool = True,
    attack_all: bool = False,
) -> Tensor:
    """Sets one random square per step to the edge of the Linf ball and keeps it if the margin grows.

    Args:
        seeds: One seed per sample (B,).
        targets: Classes (B,) to reach; None leaves the label.
        epsilon: Largest change of a value, in input units; a number or one per sample.
        initial_share: Share of the pixels in the first squares.
        num_steps: Evaluations of the model per sample.
        stop_at_success: Keep a sample's first adversarial image; without it, its best margin over all steps: behind
            a random defence one lucky draw is no success.
        attack_all: Attack the samples too that are wrong as they are: behind a random defence that may be one draw's
            luck.

    Returns:
        Images (B, C, H, W) in the model's bounds; those that did not succeed at their best margin.

    Raises:
        ValueError: if the batch does not fit the model, or if an argument is out of range.
    """
    check_batch(model, inputs, labels, targets)
    if not 0 < initial_share <= 1 or num_steps < 1:
        raise ValueError(
            f"initial_share must lie in (0, 1], num_steps be positive, got {initial_share=} {num_steps=}"
        )
    active, _ = unsolved_rows(model, inputs, labels, targets)
    if attack_all:
        active = torch.arange(len(labels), device=labels.device)
    result, radius = inputs.clone(), per_sample(epsilon, inputs)
    if not len(active):
        return result
    channels, height, width = inputs.shape[1:]
    stripes = uniform(seeds[active], (channels, 1, width)).to(inputs)
    draws = uniform(derive_seeds(seeds[active], 1), (num_steps, 2 + channels)).to(inputs.device)
    clean, radius = inputs[active], radius[active]
    best = (clean + radius * (2.0 * (stripes < 0.5) - 1)).clamp(*model.bounds)
    best_margin = torch.full_like(radius[:, 0, 0, 0], -torch.inf)
    trial = best
    for step in range(num_steps):
        logits = model.at(active, step)(trial)
        value = margin(logits, labels[active], take(targets, active))
        is_better = value > best_margin
        best = torch.where(is_better[:, None, None, None], trial, best)
        best_margin = torch.where(is_better, value, best_margin)
        solved = is_adversarial(logits, labels[active], take(targets, active)) & stop_at_success
        result[active] = torch.where(solved[:, None, None, None], trial, best)
        active, best, best_margin = active[~solved], best[~solved], best_margin[~solved]
        clean, radius, draws = clean[~solved], radius[~solved], draws[~solved]
        if not len(active):
            break
        side = side_of_square(
            step + 1, num_steps=num_steps, initial_share=initial_share, height=height, width=width
        )
        inside = _squares(draws[:, step, :2], side=side, height=height, width=width)
        colours = 2 * (draws[:, step, 2:, None, None] < 0.5).to(inputs) - 1
        trial = torch.where(inside, (clean + radius * colours).clamp(*model.bounds), best)
    return result


def _squares(positions: Tensor, *, side: int, height: int, width: int) -> Tensor:
    """Returns masks (B, 1, H, W), true inside one square per sample; positions (B, 2) lie in [0, 1)."""
    top = (positions[:, 0, None] * (height - side + 1)).floor()
    left = (positions[:, 1, None] * (width - side + 1)).floor()
    rows = torch.arange(height, device=positions.device)
    columns = torch.arange(width, device=positions.device)
    in_rows = (rows >= top) & (rows < top + side)
    in_columns = (columns >= left) & (columns < left + side)
    return (in_rows[:, :, None] & in_columns[:, None, :])[:, None]
