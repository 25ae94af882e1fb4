"""Auto-PGD with cross-entropy or the DLR objective: Croce and Hein, 2020, algorithm 1 and section 3.

Momentum alpha = 0.75, condition rho = 0.75, checkpoints p_0 = 0, p_1 = 0.22, p_{j+1} = p_j + max(p_j -
p_{j-1} - 0.03, 0.06), first step 2 epsilon, restart from the best point at a halving. Deviations: a sample
leaves the batch at its first adversarial image (`early_stop`), as the published ensemble treats it; a
failed sample is returned at its best objective.
"""

from functools import partial

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import Norm, per_sample, project, unit_step
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import (
    Objective,
    cross_entropy,
    difference_of_logits_ratio,
    input_gradient,
    is_adversarial,
    take,
    unsolved_rows,
)
from thesis_workloads.attacks.randomness import point_in_ball

_MOMENTUM = 0.75
_RISING_SHARE = 0.75  # rho: share of steps that must raise the objective, or the step is halved


def checkpoints(num_steps: int) -> list[int]:
    """Returns the steps, increasing and at most `num_steps`, at which the step size may be halved."""
    percents = [0, 22]  # whole numbers, so that rounding up is exact
    while percents[-1] < 100:
        percents.append(percents[-1] + max(percents[-1] - percents[-2] - 3, 6))
    return [
        step for step in (-(-percent * num_steps // 100) for percent in percents[1:]) if step <= num_steps
    ]


def apgd(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    objective: Objective,
    targets: Tensor | None = None,
    seeds: Tensor | None = None,
    norm: Norm = "linf",
    epsilon: float | Tensor = 0.03,
    num_steps: int = 100,
    early_stop: bool = True,
    attack_all: bool = False,
) -> Tensor:
    """Climbs the objective with momentum and a step size that halves itself where progress stalls.

    Args:
        objective: What is climbed.
        targets: Classes (B,) to reach; None leaves the label.
        seeds: One seed per sample (B,) for the random start; None starts at the image itself.
        norm: "linf" or "l2", of the ball and of the steps.
        epsilon: Radius of the ball, in input units; a number or one per sample.
        early_stop: Keep a sample's first adversarial image; without it, its best objective over all steps.
        attack_all: Attack the samples too that are wrong as they are: behind a random defence that may be one draw's
            luck.

    Returns:
        Images (B, C, H, W) in the model's bounds, at most epsilon from the inputs.

    Raises:
        ValueError: if the batch does not fit the model, or if an argument is out of range.
    """
    check_batch(model, inputs, labels, targets)
    if num_steps < 1:
        raise ValueError(f"num_steps must be positive, got {num_steps=}")
    active, _ = unsolved_rows(model, inputs, labels, targets)
    if attack_all:
        active = torch.arange(len(labels), device=labels.device)
    result, radius = inputs.clone(), per_sample(epsilon, inputs)
    if not len(active):
        return result
    clean, radius = inputs[active], radius[active]
    current = clean
    if seeds is not None:
        start = point_in_ball(seeds[active], clean, epsilon=radius, norm=norm)
        current = (clean + start).clamp(*model.bounds)
    state = {"clean": clean, "radius": radius, "current": current, "previous": current, "best": current}
    gradient, value, logits = input_gradient(
        model.at(active, 0), current, labels[active], take(targets, active), objective
    )
    state |= {"gradient": gradient, "best_gradient": gradient, "value": value, "best_value": value}
    state |= {"size": 2 * radius, "rises": torch.zeros_like(value), "checked_value": value}
    state |= {"was_halved": torch.ones_like(value, dtype=torch.bool), "logits": logits, "latest": current}
    halving_steps, last_check = checkpoints(num_steps), 0
    for step in range(num_steps + 1):
        if early_stop:
            solved = is_adversarial(state["logits"], labels[active], take(targets, active))
            result[active[solved]] = state["latest"][solved]
            active, state = active[~solved], {name: held[~solved] for name, held in state.items()}
        if step == num_steps or not len(active):
            break
        state |= _moved(state, norm=norm, bounds=model.bounds, is_first=step == 0)
        gradient, value, logits = input_gradient(
            model.at(active, step + 1), state["current"], labels[active], take(targets, active), objective
        )
        state |= _recorded(state, gradient, value, logits)
        if step + 1 in halving_steps:
            state |= _halved(state, num_since=step + 1 - last_check)
            last_check = step + 1
    result[active] = state["best"]
    return result


def _moved(
    state: dict[str, Tensor], *, norm: Norm, bounds: tuple[float, float], is_first: bool
) -> dict[str, Tensor]:
    """Returns the next point: a projected gradient step, mixed with the last movement (lines 4 and 7)."""
    current, clean, radius = state["current"], state["clean"], state["radius"]
    step = state["size"] * unit_step(state["gradient"], norm)
    target = project(current + step, clean, epsilon=radius, norm=norm, bounds=bounds)
    share = 1.0 if is_first else _MOMENTUM
    mixed = current + share * (target - current) + (1 - share) * (current - state["previous"])
    moved = project(mixed, clean, epsilon=radius, norm=norm, bounds=bounds)
    return {"current": moved, "previous": current, "latest": moved}


def _recorded(state: dict[str, Tensor], gradient: Tensor, value: Tensor, logits: Tensor) -> dict[str, Tensor]:
    """Returns the updates of a new evaluation: the counted rises, and the best point where it is exceeded."""
    is_best = value > state["best_value"]
    mask = is_best[:, None, None, None]
    return {
        "rises": state["rises"] + (value > state["value"]),
        "value": value,
        "gradient": gradient,
        "logits": logits,
        "best_value": torch.where(is_best, value, state["best_value"]),
        "best": torch.where(mask, state["current"], state["best"]),
        "best_gradient": torch.where(mask, gradient, state["best_gradient"]),
    }


def _halved(state: dict[str, Tensor], *, num_since: int) -> dict[str, Tensor]:
    """Returns the state after a checkpoint: half the step, from the best point, if either condition holds.

    Condition 1: fewer than rho of the steps since the last checkpoint raised the objective. Condition 2:
    the step was not halved at the last checkpoint and the best value has not risen since.
    """
    few_rises = state["rises"] < _RISING_SHARE * num_since
    is_stuck = ~state["was_halved"] & (state["best_value"] <= state["checked_value"])
    halve = few_rises | is_stuck
    mask = halve[:, None, None, None]
    return {
        "size": torch.where(mask, state["size"] / 2, state["size"]),
        "current": torch.where(mask, state["best"], state["current"]),
        "gradient": torch.where(mask, state["best_gradient"], state["gradient"]),
        "rises": torch.zeros_like(state["rises"]),
        "checked_value": state["best_value"],
        "was_halved": halve,
    }


apgd_ce = partial(apgd, objective=cross_entropy)
apgd_dlr = partial(apgd, objective=difference_of_logits_ratio)
