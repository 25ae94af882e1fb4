"""What an attack increases, and when it has succeeded.

Every objective maps logits (B, K), labels (B,) and optional targets (B,) to values (B,) that grow as the
attack comes closer: away from the label if `targets` is None, towards the target otherwise.
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from thesis_workloads.attacks.model import Attackable


class Objective(Protocol):
    """A differentiable value per sample that the attack increases."""

    def __call__(self, logits: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
        """Returns values (B,)."""
        ...


def cross_entropy(logits: Tensor, labels: Tensor, targets: Tensor | None = None) -> Tensor:
    """Returns the cross-entropy (B,) of the label, or the negative one of the target."""
    if targets is None:
        return functional.cross_entropy(logits, labels, reduction="none")
    return -functional.cross_entropy(logits, targets, reduction="none")


def margin(logits: Tensor, labels: Tensor, targets: Tensor | None = None) -> Tensor:
    """Returns the lead (B,) of the best wrong class over the label, or of the target over all others."""
    classes = labels if targets is None else targets
    own = logits.gather(1, classes[:, None]).squeeze(1)
    others = logits.scatter(1, classes[:, None], -torch.inf).amax(1)
    return others - own if targets is None else own - others


def difference_of_logits_ratio(logits: Tensor, labels: Tensor, targets: Tensor | None = None) -> Tensor:
    """Returns the DLR objective (B,) of Croce and Hein, 2020, invariant to shift and scale of the logits.

    Raises:
        ValueError: if there are fewer than three classes, or fewer than four for a targeted attack.
    """
    least = 3 if targets is None else 4
    if logits.shape[1] < least:
        raise ValueError(f"logits must have at least {least} classes for this objective, got {logits.shape=}")
    top = logits.topk(least, dim=1).values
    own = logits.gather(1, labels[:, None]).squeeze(1)
    if targets is None:
        is_top = own >= top[:, 0]
        return (torch.where(is_top, top[:, 1], top[:, 0]) - own) / (top[:, 0] - top[:, 2] + 1e-12)
    wanted = logits.gather(1, targets[:, None]).squeeze(1)
    return (wanted - own) / (top[:, 0] - 0.5 * (top[:, 2] + top[:, 3]) + 1e-12)


def is_adversarial(logits: Tensor, labels: Tensor, targets: Tensor | None = None) -> Tensor:
    """Returns a mask (B,): true where the prediction is not the label, or where it is the target."""
    predicted = logits.argmax(1)
    return predicted != labels if targets is None else predicted == targets


def take(values: Tensor | None, rows: Tensor) -> Tensor | None:
    """Returns the chosen rows, or None where there is nothing to choose from."""
    return None if values is None else values[rows]


def input_gradient(
    model: Attackable, inputs: Tensor, labels: Tensor, targets: Tensor | None, objective: Objective
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the objective's gradient (B, C, H, W), its values (B,) and the logits (B, K), all detached."""
    with torch.enable_grad():
        leaf = inputs.detach().requires_grad_()
        logits = model(leaf)
        values = objective(logits, labels, targets)
        (gradient,) = torch.autograd.grad(values.sum(), leaf)
    return gradient, values.detach(), logits.detach()


@torch.no_grad()
def unsolved_rows(
    model: Attackable, inputs: Tensor, labels: Tensor, targets: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Finds the samples that have to be attacked; the others count as successes as they are (section 4.9).

    Returns:
        Their indices (A,) in the batch, and the logits (B, K) of the whole batch.
    """
    if not len(inputs):
        return labels.new_empty(0), inputs.new_empty(0, 1)
    logits = model(inputs)
    return (~is_adversarial(logits, labels, targets)).nonzero().squeeze(1), logits
