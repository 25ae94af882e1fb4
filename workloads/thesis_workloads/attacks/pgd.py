"""Projected gradient descent: Madry, Makelov, Schmidt, Tsipras and Vladu, 2018.

Beyond the dissertation, which leaves it out (section 4.2.6). Deviation: with `early_stop` a sample keeps
the first adversarial image that it meets instead of raising the loss further; switch it off against a
random defence, where one lucky draw is no success.
"""

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import Norm, per_sample, project, unit_step
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import (
    Objective,
    cross_entropy,
    input_gradient,
    is_adversarial,
    take,
    unsolved_rows,
)
from thesis_workloads.attacks.randomness import point_in_ball


def pgd(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    seeds: Tensor | None = None,
    norm: Norm = "linf",
    epsilon: float | Tensor = 0.03,
    step_size: float | Tensor | None = None,
    num_steps: int = 40,
    early_stop: bool = True,
    objective: Objective = cross_entropy,
    momentum: float = 0.0,
    attack_all: bool = False,
) -> Tensor:
    """Climbs the objective in steps of fixed length, projected onto the epsilon ball and the bounds.

    Args:
        targets: Classes (B,) to reach; None leaves the label.
        seeds: One seed per sample (B,) for the random start; None starts at the image itself.
        norm: "linf" or "l2", of the ball and of the steps.
        epsilon: Radius of the ball, in input units; a number or one per sample.
        step_size: Length of a step, in input units; None takes 2.5 epsilon / num_steps.
        early_stop: Keep a sample's first adversarial image.
        objective: What is climbed.
        momentum: Share of the gradients so far, each of mean absolute value one, that is kept (Dong et al., 2018);
            0 steps along the last gradient alone.
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
    radius = per_sample(epsilon, inputs)
    length = 2.5 * radius / num_steps if step_size is None else per_sample(step_size, inputs)
    adversarial, active = inputs.clone(), labels.new_tensor(range(len(labels)))
    if not attack_all and (seeds is not None or not early_stop):
        active, _ = unsolved_rows(model, inputs, labels, targets)
    if seeds is not None and len(active):
        start = point_in_ball(seeds[active], inputs[active], epsilon=radius[active], norm=norm)
        adversarial[active] = (inputs[active] + start).clamp(*model.bounds)
    velocity = torch.zeros_like(inputs)
    for step in range(num_steps):
        if not len(active):
            break
        goal = take(targets, active)
        view = model.at(active, step)
        gradient, _, logits = input_gradient(view, adversarial[active], labels[active], goal, objective)
        if early_stop:
            keep = ~is_adversarial(logits, labels[active], goal)
            active, gradient = active[keep], gradient[keep]
        if momentum:
            size = gradient.abs().mean((1, 2, 3), keepdim=True).clamp_min(torch.finfo(gradient.dtype).tiny)
            gradient = momentum * velocity[active] + gradient / size
            velocity[active] = gradient
        moved = adversarial[active] + length[active] * unit_step(gradient, norm)
        adversarial[active] = project(
            moved, inputs[active], epsilon=radius[active], norm=norm, bounds=model.bounds
        )
    return adversarial
