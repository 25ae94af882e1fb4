"""Carlini and Wagner's L2 attack: "Towards evaluating the robustness of neural networks", 2017; equation 4.3.

The squared L2 distance is minimised, as published; equation 4.3 prints the norm. Deviations: every sample
has its own c, its own early abort and its own Adam state, and
leaves the batch when it aborts.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import margin, take, unsolved_rows

_INSIDE = 0.999999  # keeps atanh finite at the bounds
_ADAM = (0.9, 0.999, 1e-8)  # decay of the two moments, and the divisor's floor


@dataclass(frozen=True)
class _Best:
    """The smallest adversarial image so far: squared distance (B,), infinite for none, and image."""

    squared_distance: Tensor
    image: Tensor

    def merged(self, squared_distance: Tensor, image: Tensor, rows: Tensor, is_success: Tensor) -> Tensor:
        """Takes over, in place, the given rows that succeed and are smaller; returns which did."""
        is_better = is_success & (squared_distance < self.squared_distance[rows])
        self.squared_distance[rows[is_better]] = squared_distance[is_better]
        self.image[rows[is_better]] = image[is_better]
        return is_better


def carlini_wagner(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    confidence: float = 0.0,
    initial_c: float = 1e-3,
    num_searches: int = 9,
    num_steps: int = 1000,
    learning_rate: float = 0.01,
    abort_early: bool = True,
) -> Tensor:
    """Minimises distance plus c times the margin in tanh space, with a binary search for the smallest c.

    Args:
        targets: Classes (B,) to reach; None leaves the label.
        confidence: Margin kappa by which the wrong logit has to lead.
        initial_c: First weight of the margin; ten times larger until a sample succeeds, then bisected.
        num_searches: Values of c that are tried for each sample.
        num_steps: Adam steps for one value of c.
        learning_rate: Adam's step, in tanh space.
        abort_early: Give up a value of c once a tenth of the steps gains less than 0.01 percent, image by image.
            With fewer than some hundred steps a passing rise of the loss ends it too soon; switch it off there.

    Returns:
        Images (B, C, H, W) in the model's bounds; the input itself where none was found.

    Raises:
        ValueError: if the batch does not fit the model, or if an argument is out of range.
    """
    check_batch(model, inputs, labels, targets)
    if initial_c <= 0 or confidence < 0:
        raise ValueError(
            f"initial_c must be positive, confidence not negative, got {initial_c=} {confidence=}"
        )
    active, _ = unsolved_rows(model, inputs, labels, targets)
    best = _Best(inputs.new_full((len(inputs),), torch.inf), inputs.clone())
    weights = inputs.new_full((len(inputs),), initial_c)
    lower, upper = torch.zeros_like(weights), torch.full_like(weights, torch.inf)
    for search in range(num_searches if len(active) else 0):
        succeeded = _minimise(
            model,
            inputs,
            labels,
            targets,
            active,
            weights,
            best,
            confidence=confidence,
            num_steps=num_steps,
            first_step=search * num_steps,
            learning_rate=learning_rate,
            abort_early=abort_early,
        )
        upper = torch.where(succeeded, torch.minimum(upper, weights), upper)
        lower = torch.where(succeeded, lower, torch.maximum(lower, weights))
        weights = torch.where(upper.isinf(), 10 * weights, (lower + upper) / 2)
    return best.image


def _minimise(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    targets: Tensor | None,
    rows: Tensor,
    weights: Tensor,
    best: _Best,
    *,
    confidence: float,
    num_steps: int,
    first_step: int,
    learning_rate: float,
    abort_early: bool,
) -> Tensor:
    """Runs Adam for one c per sample, records into `best`, and returns which samples (B,) succeeded."""
    lowest, highest = model.bounds
    middle, half = (lowest + highest) / 2, (highest - lowest) / 2
    succeeded = torch.zeros_like(weights, dtype=torch.bool)
    position = torch.atanh((inputs[rows] - middle) / half * _INSIDE)
    mean, square = torch.zeros_like(position), torch.zeros_like(position)
    previous = torch.full_like(weights[rows], torch.inf)
    for step in range(num_steps):
        with torch.enable_grad():
            leaf = position.detach().requires_grad_()
            images = middle + half * torch.tanh(leaf)
            logits = model.at(rows, first_step + step)(images)
            lead = margin(logits, labels[rows], take(targets, rows))
            squared_distance = (images - inputs[rows]).square().sum((1, 2, 3))
            loss = squared_distance + weights[rows] * (confidence - lead).clamp_min(0)
            (gradient,) = torch.autograd.grad(loss.sum(), leaf)
        is_success = lead.detach() > confidence
        succeeded[rows] |= is_success
        best.merged(squared_distance.detach(), images.detach(), rows, is_success)
        if abort_early and step % math.ceil(num_steps / 10) == 0:
            keep = loss.detach() <= 0.9999 * previous
            rows, previous = rows[keep], loss.detach()[keep]
            position, mean, square, gradient = position[keep], mean[keep], square[keep], gradient[keep]
            if not len(rows):
                break
        mean = _ADAM[0] * mean + (1 - _ADAM[0]) * gradient
        square = _ADAM[1] * square + (1 - _ADAM[1]) * gradient.square()
        divisor = (square / (1 - _ADAM[1] ** (step + 1))).sqrt() + _ADAM[2]
        position = position - learning_rate * mean / (1 - _ADAM[0] ** (step + 1)) / divisor
    return succeeded
