"""One step along the loss gradient.

- `fgsm`, the fast gradient sign method: along its sign (Goodfellow, Shlens and Szegedy, 2015; equation 4.1 of the
  dissertation);
- `gradient_attack`: along the gradient itself, of unit L2 length (section 3.2.4).

Deviation: none. A sample that is wrong already is returned as it is (section 4.9).
"""

from functools import partial

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import Norm, per_sample, unit_step
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import cross_entropy, input_gradient, is_adversarial


def single_step(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    norm: Norm,
    epsilon: float | Tensor,
    targets: Tensor | None = None,
) -> Tensor:
    """Returns images (B, C, H, W) in the model's bounds, one step away from the inputs.

    Args:
        norm: Of the step: ``linf`` changes every value by epsilon, ``l2`` has epsilon as its length.
        epsilon: Size of the step, in input units; a number or one per sample.
        targets: Classes (B,) to reach; None leaves the label.

    Raises:
        ValueError: if the batch does not fit the model, or if epsilon is negative.
    """
    check_batch(model, inputs, labels, targets)
    gradient, _, logits = input_gradient(model, inputs, labels, targets, cross_entropy)
    moved = (inputs + per_sample(epsilon, inputs) * unit_step(gradient, norm)).clamp(*model.bounds)
    solved = is_adversarial(logits, labels, targets)
    return torch.where(solved[:, None, None, None], inputs, moved)


fgsm = partial(single_step, norm="linf", epsilon=0.03)
gradient_attack = partial(single_step, norm="l2", epsilon=3.0)
