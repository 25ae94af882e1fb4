"""Jacobian-based saliency map attack: Papernot and others, 2016; section 3.2.6 and 4.2.4 of the dissertation.

The dissertation's single-pixel map: S(x_j) = J_t(x_j) |sum of J_i(x_j) over i != t| where J_t >= 0 and the sum <=
0, else 0. A pixel x_j is one value of the image (one channel of one location), as in the published code; it
is raised by theta.

The sum over all other classes needs no Jacobian of K rows, since it is the gradient of (sum of F_i) - F_t:
- F = softmax (the dissertation does not say): the outputs sum to one, so the sum is exactly -J_t, and S =
  J_t^2 where J_t >= 0. Within a sample, S has the order of the gradient of log F_t, which does not
  underflow. One backward pass.
- F = logits: one backward pass for F_t and one for the sum.

Deviations: without targets the target is the best wrong class of the clean image and any wrong prediction
ends the attack; `values_per_step` may change several of the best values between two evaluations (1 is the
published attack).
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import is_adversarial, take, unsolved_rows

Outputs = Literal["probabilities", "logits"]


def saliency_map(logits: Tensor, leaf: Tensor, goals: Tensor, *, outputs: Outputs) -> Tensor:
    """Computes the map of section 3.2.6 from logits (B, K) and the images (B, C, H, W) that they depend on.

    Args:
        goals: Class (B,) whose output is to grow.
        outputs: What F is: softmax probabilities or logits.

    Returns:
        Saliency (B, C, H, W), zero or positive; for probabilities up to a positive factor per sample.

    Raises:
        ValueError: if `outputs` is neither "probabilities" nor "logits".
    """
    column = goals[:, None]
    if outputs == "probabilities":
        chosen = functional.log_softmax(logits, 1).gather(1, column)
        (own,) = torch.autograd.grad(chosen.sum(), leaf)
        return own.clamp_min(0).square()
    if outputs != "logits":
        raise ValueError(f"outputs must be probabilities or logits, got {outputs=}")
    chosen = logits.gather(1, column)
    (own,) = torch.autograd.grad(chosen.sum(), leaf, retain_graph=True)
    (others,) = torch.autograd.grad(logits.sum() - chosen.sum(), leaf)
    return own.clamp_min(0) * (-others).clamp_min(0)


def jsma(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    theta: float = 1.0,
    max_fraction: float = 0.1,
    values_per_step: int = 1,
    outputs: Outputs = "probabilities",
) -> Tensor:
    """Raises the most salient values one after another until the prediction changes.

    Args:
        targets: Classes (B,) to reach; None takes the best wrong class and stops at any wrong prediction.
        theta: Raise of a value, as a fraction of the width of the bounds; a value that is full is not
            chosen again.
        max_fraction: Most changes, as a fraction of the C*H*W values.
        values_per_step: Values changed between two evaluations of the model.
        outputs: What the saliency is the derivative of.

    Returns:
        Images (B, C, H, W) in the model's bounds; a sample that runs out of changes or of saliency is
        returned as it is by then.

    Raises:
        ValueError: if the batch does not fit the model, or if an argument is out of range.
    """
    check_batch(model, inputs, labels, targets)
    if theta <= 0 or values_per_step < 1:
        raise ValueError(f"theta and values_per_step must be positive, got {theta=} {values_per_step=}")
    lower, upper = model.bounds
    active, logits = unsolved_rows(model, inputs, labels, targets)
    goals = logits.scatter(1, labels[:, None], -torch.inf).argmax(1) if targets is None else targets
    adversarial, left = inputs.clone(), int(max_fraction * inputs[0:1].numel())
    step = 0
    while len(active) and left > 0:
        with torch.enable_grad():
            leaf = adversarial[active].requires_grad_()
            logits = model.at(active, step)(leaf)
            saliency = saliency_map(logits, leaf, goals[active], outputs=outputs)
        unsolved = ~is_adversarial(logits.detach(), labels[active], take(targets, active))
        active, images, saliency = active[unsolved], leaf.detach()[unsolved], saliency[unsolved]
        count = min(values_per_step, left)
        active, images = _raise_best(
            active, images, saliency * (images < upper), count, theta * (upper - lower)
        )
        adversarial[active] = images.clamp_max(upper)
        left, step = left - count, step + 1
    return adversarial


def _raise_best(
    active: Tensor, images: Tensor, saliency: Tensor, count: int, amount: float
) -> tuple[Tensor, Tensor]:
    """Returns the samples that have a salient value left, and their images with the best values raised."""
    best = saliency.flatten(1).topk(count, dim=1)
    has_any = best.values[:, 0] > 0
    raised = amount * (best.values > 0).to(images.dtype)
    moved = images.flatten(1).scatter_add(1, best.indices, raised).reshape(images.shape)
    return active[has_any], moved[has_any]
