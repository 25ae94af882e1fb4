"""DeepFool: Moosavi-Dezfooli, Fawzi and Frossard, 2016, algorithm 2; section 4.2.5 of the dissertation.

Deviations: the images are clipped to the model's bounds at every step, as the published implementations do;
the candidates are the classes with the highest logits on the clean image, fixed from there, so a step costs
one forward pass and one backward pass per candidate on a shared graph, for the samples that are not solved
yet.
"""

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import l2_norm
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import is_adversarial, unsolved_rows

_PUSH = 1e-4  # added to each step's length, so that a step to a boundary does not stop on it


def _nearest_boundary(leaf: Tensor, logits: Tensor, labels: Tensor, candidates: Tensor) -> Tensor:
    """Returns the step (A, C, H, W) to the closest linearised boundary with the candidates (A, k)."""
    rises = logits.gather(1, candidates) - logits.gather(1, labels[:, None])
    best_distance = rises.new_full((len(leaf), 1, 1, 1), torch.inf)
    best_step = torch.zeros_like(leaf)
    for column in range(rises.shape[1]):
        is_last = column == rises.shape[1] - 1
        (normal,) = torch.autograd.grad(rises[:, column].sum(), leaf, retain_graph=not is_last)
        length = l2_norm(normal).clamp_min(1e-8)
        distance = rises[:, column].detach().abs()[:, None, None, None] / length
        is_closer = distance < best_distance
        best_step = torch.where(is_closer, (distance + _PUSH) / length * normal, best_step)
        best_distance = torch.where(is_closer, distance, best_distance)
    return best_step


def deepfool(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    num_candidates: int = 10,
    overshoot: float = 0.02,
    num_steps: int = 50,
) -> Tensor:
    """Walks to the nearest decision boundary, linearised anew at every step. Untargeted.

    Args:
        num_candidates: Classes with the highest logits that are considered, the label among them.
        overshoot: Fraction of the total perturbation that is added to cross the boundary.

    Returns:
        Images (B, C, H, W) in the model's bounds; those that never crossed are where the last step left them.

    Raises:
        ValueError: if the batch does not fit the model, or if fewer than two candidates are asked for.
    """
    check_batch(model, inputs, labels)
    active, logits = unsolved_rows(model, inputs, labels)
    num_classes = min(num_candidates, logits.shape[1])
    if len(active) and num_classes < 2:
        raise ValueError(f"num_candidates must be at least 2 and there must be 2 classes, got {num_classes=}")
    others = logits.scatter(1, labels[:, None], -torch.inf)
    candidates = others.topk(num_classes - 1, dim=1).indices if len(active) else labels[:, None]
    adversarial, total = inputs.clone(), torch.zeros_like(inputs)
    for step in range(num_steps):
        active, leaf, logits = _unsolved_graph(model, adversarial, labels, active, step)
        if not len(active):
            break
        total[active] += _nearest_boundary(leaf, logits, labels[active], candidates[active])
        adversarial[active] = (inputs[active] + (1 + overshoot) * total[active]).clamp(*model.bounds)
    return adversarial


@torch.enable_grad()
def _unsolved_graph(
    model: Attackable, images: Tensor, labels: Tensor, active: Tensor, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the rows still unsolved, their images as a leaf, and their logits with the graph behind them.

    Where some are solved, the others get a graph of their own: one more forward pass is cheaper than
    carrying the solved ones through a backward pass per candidate.
    """
    leaf = images[active].requires_grad_()
    logits = model.at(active, step)(leaf) if len(active) else leaf.new_empty(0, 1)
    solved = is_adversarial(logits, labels[active]) if len(active) else labels.new_empty(0, dtype=torch.bool)
    if not bool(solved.any()):
        return active, leaf, logits
    active = active[~solved]
    leaf = images[active].requires_grad_()
    return active, leaf, model.at(active, step)(leaf) if len(active) else logits[:0]
