"""Fast gradient sign method: Goodfellow, Shlens and Szegedy, 2015; equation 4.1 of the dissertation.

Deviation: none. A sample that is wrong already is returned as it is (section 4.9).
"""

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import per_sample
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import cross_entropy, input_gradient, is_adversarial


def fgsm(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    epsilon: float | Tensor = 0.03,
) -> Tensor:
    """Takes one step along the sign of the loss gradient.

    Args:
        targets: Classes (B,) to reach; None leaves the label.
        epsilon: Largest change of a value, in input units; a number or one per sample.

    Returns:
        Images (B, C, H, W) in the model's bounds.

    Raises:
        ValueError: if the batch does not fit the model, or if epsilon is negative.
    """
    check_batch(model, inputs, labels, targets)
    gradient, _, logits = input_gradient(model, inputs, labels, targets, cross_entropy)
    moved = (inputs + per_sample(epsilon, inputs) * gradient.sign()).clamp(*model.bounds)
    solved = is_adversarial(logits, labels, targets)
    return torch.where(solved[:, None, None, None], inputs, moved)
