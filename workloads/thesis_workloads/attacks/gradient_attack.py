"""Gradient attack: one step along the gradient itself, of unit L2 length (section 3.2.4 of the dissertation).

Deviation: none. A sample that is wrong already is returned as it is (section 4.9).
"""

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import per_sample, unit_step
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import cross_entropy, input_gradient, is_adversarial


def gradient_attack(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    epsilon: float | Tensor = 3.0,
) -> Tensor:
    """Takes one step of a given L2 length along the loss gradient.

    Args:
        targets: Classes (B,) to reach; None leaves the label.
        epsilon: L2 length of the step, in input units; a number or one per sample.

    Returns:
        Images (B, C, H, W) in the model's bounds.

    Raises:
        ValueError: if the batch does not fit the model, or if epsilon is negative.
    """
    check_batch(model, inputs, labels, targets)
    gradient, _, logits = input_gradient(model, inputs, labels, targets, cross_entropy)
    moved = (inputs + per_sample(epsilon, inputs) * unit_step(gradient, "l2")).clamp(*model.bounds)
    solved = is_adversarial(logits, labels, targets)
    return torch.where(solved[:, None, None, None], inputs, moved)
