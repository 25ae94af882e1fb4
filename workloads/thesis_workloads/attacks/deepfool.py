"""DeepFool: Moosavi-Dezfooli, Fawzi and Frossard, 2016, algorithm 2; section 4.2.5 of the dissertation.

Deviations: the images are clipped to the model's bounds at every step, as the published implementations do.
The candidates are the classes with the highest logits on the clean image, fixed from there. They are
linearised in the order of their logits, and no more once even a gradient twice as long as the longest met
would leave the next boundary farther than the nearest found: after the first step that leaves one or two of
nine. A step costs one forward pass and one backward pass per linearised candidate on a shared graph, for
the samples that need it.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import l2_norm
from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import is_adversarial

_PUSH = 1e-4  # added to each step's length, so that a step to a boundary does not stop on it
_SLACK = 2.0  # a gradient not computed yet is taken to be at most this times the longest computed


def deepfool(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    num_candidates: int = 10,
    overshoot: float = 0.02,
    num_steps: int = 50,
) -> Tensor:
    """Walks to the nearest decision boundary, linearised again at every step. Untargeted.

    Args:
        num_candidates: Classes with the highest logits that are considered, the label among them.
        overshoot: Fraction of the total perturbation that is added to cross the boundary.

    Returns:
        Images (B, C, H, W) in the model's bounds; those that never crossed are where the last step left them.

    Raises:
        ValueError: if the batch does not fit the model, or if fewer than two candidates are asked for.
    """
    check_batch(model, inputs, labels)
    if num_candidates < 2:
        raise ValueError(f"num_candidates must be at least 2, got {num_candidates=}")
    active = torch.arange(len(labels), device=labels.device)
    candidates = labels[:, None]
    adversarial, total = inputs.clone(), torch.zeros_like(inputs)
    for step in range(num_steps):
        if not len(active):
            break
        leaf, logits = _graph(model, adversarial, active, step)
        if step == 0:
            others = logits.detach().scatter(1, labels[:, None], -torch.inf)
            candidates = others.topk(min(num_candidates, logits.shape[1]) - 1, dim=1).indices
        solved = is_adversarial(logits.detach(), labels[active])
        if bool(solved.any()):
            active = active[~solved]
            if not len(active):
                break
            # One more forward pass is cheaper than the solved ones in a backward pass per candidate.
            leaf, logits = _graph(model, adversarial, active, step)
        chosen = active

        def regraph(rows: Tensor, chosen: Tensor = chosen, step: int = step) -> tuple[Tensor, Tensor]:
            return _graph(model, adversarial, chosen[rows], step)

        total[active] += _nearest_boundary(leaf, logits, labels[active], candidates[active], regraph)
        adversarial[active] = (inputs[active] + (1 + overshoot) * total[active]).clamp(*model.bounds)
    return adversarial


@torch.enable_grad()
def _graph(model: Attackable, images: Tensor, rows: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Returns the chosen images as a leaf, and their logits with the graph behind them."""
    leaf = images[rows].requires_grad_()
    return leaf, model.at(rows, step)(leaf)


@torch.enable_grad()
def _rises(logits: Tensor, labels: Tensor, candidates: Tensor) -> Tensor:
    """Returns the lead (A, k) of each candidate's logit over the label's."""
    return logits.gather(1, candidates) - logits.gather(1, labels[:, None])


def _nearest_boundary(
    leaf: Tensor,
    logits: Tensor,
    labels: Tensor,
    candidates: Tensor,
    regraph: Callable[[Tensor], tuple[Tensor, Tensor]],
) -> Tensor:
    """Finds the closest linearised boundary of each sample.

    Args:
        leaf: Images (A, C, H, W) that the logits (A, K) depend on.
        candidates: Classes (A, k) whose boundaries with the labels (A,) are considered.
        regraph: Gives leaf and logits of some of the samples again.

    Returns:
        The steps (A, C, H, W) onto it.
    """
    gaps = _rises(logits.detach(), labels, candidates).abs()
    order = gaps.argsort(dim=1, stable=True)
    gaps, candidates = gaps.gather(1, order), candidates.gather(1, order)
    nearest, longest = torch.full_like(gaps[:, 0], torch.inf), torch.zeros_like(gaps[:, 0])
    steps, rows = torch.zeros_like(leaf), torch.arange(len(labels), device=labels.device)
    rises = _rises(logits, labels, candidates)
    for column in range(candidates.shape[1]):
        is_open = gaps[rows, column] < (_SLACK * longest * nearest)[rows].nan_to_num(nan=torch.inf)
        num_open = int(is_open.sum())
        if num_open == 0:
            break
        if 2 * num_open <= len(rows):
            rows = rows[is_open]
            is_open = is_open[is_open]
            leaf, logits = regraph(rows)
            rises = _rises(logits, labels[rows], candidates[rows])
        (normal,) = torch.autograd.grad(rises[:, column].sum(), leaf, retain_graph=True)
        length = l2_norm(normal).clamp_min(1e-8)
        distance = gaps[rows, column] / length[:, 0, 0, 0]
        is_closer = is_open & (distance < nearest[rows])
        closer = rows[is_closer]
        nearest[closer] = distance[is_closer]
        steps[closer] = ((distance[:, None, None, None] + _PUSH) / length * normal)[is_closer]
        longest[rows[is_open]] = torch.maximum(longest[rows], length[:, 0, 0, 0])[is_open]
    return steps
