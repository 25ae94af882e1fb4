"""L-BFGS attack: Szegedy and others, 2013; section 3.2.7 and 4.2.3 of the dissertation.

Minimises alpha ||x - x'||^2 + cross-entropy(F(x'), target) in the box, for the largest alpha that still
reaches the target. The optimiser is our own: limited-memory BFGS for a whole batch, one history, line
search and stop per sample. The box is kept by projection: values that sit at a bound and would leave it are
held for that step.

Deviations: alpha is found per sample by decades and then geometric bisection (the dissertation: "by line search");
the smallest adversarial image over all iterates is returned; without targets the target is the best wrong
class of the clean image and any wrong prediction counts.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from thesis_workloads.attacks.model import Attackable, check_batch
from thesis_workloads.attacks.objective import is_adversarial, take, unsolved_rows

_SUFFICIENT_DECREASE = 1e-4  # Armijo's constant
_MAX_HALVINGS = 10  # of a step, in the line search


@dataclass(frozen=True)
class _Problem:
    """The attacked samples: what stays the same while alpha is searched."""

    model: Attackable
    clean: Tensor  # (A, C, H, W)
    labels: Tensor  # (A,)
    targets: Tensor | None  # (A,) if a target is asked for
    goals: Tensor  # (A,) class whose cross-entropy falls
    rows: Tensor  # (A,) indices in the attacked batch


@dataclass(frozen=True)
class _Smallest:
    """The smallest adversarial image so far: squared distance (A,), infinite for none, and image."""

    squared_distance: Tensor
    image: Tensor


def lbfgs(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    initial_alpha: float = 100.0,
    num_decades: int = 6,
    num_bisections: int = 4,
    num_steps: int = 20,
    history: int = 8,
) -> Tensor:
    """Finds a close image that is taken for the target, by box-constrained L-BFGS.

    Args:
        targets: Classes (B,) to reach; None takes the best wrong class and accepts any wrong prediction.
        initial_alpha: First weight of the squared distance, per squared input unit.
        num_decades: How many times alpha is divided by ten until a sample succeeds.
        num_bisections: Refinements of a sample's alpha after that.
        num_steps: L-BFGS iterations for one alpha.
        history: Pairs that the optimiser remembers.

    Returns:
        Images (B, C, H, W) in the model's bounds; the input itself where none was found.

    Raises:
        ValueError: if the batch does not fit the model, or if initial_alpha is not positive.
    """
    check_batch(model, inputs, labels, targets)
    if initial_alpha <= 0:
        raise ValueError(f"initial_alpha must be positive, got {initial_alpha=}")
    rows, logits = unsolved_rows(model, inputs, labels, targets)
    result = inputs.clone()
    if not len(rows):
        return result
    goals = logits.scatter(1, labels[:, None], -torch.inf).argmax(1) if targets is None else targets
    problem = _Problem(model, inputs[rows], labels[rows], take(targets, rows), goals[rows], rows)
    best = _Smallest(inputs.new_full((len(rows),), torch.inf), inputs[rows])
    alpha = inputs.new_full((len(rows),), initial_alpha)
    succeeds_at, fails_at = torch.zeros_like(alpha), torch.full_like(alpha, torch.inf)
    for search in range(num_decades + num_bisections):
        succeeded = _minimise(
            problem, alpha, best, num_steps=num_steps, history=history, first_step=search * num_steps
        )
        succeeds_at = torch.where(succeeded, torch.maximum(succeeds_at, alpha), succeeds_at)
        fails_at = torch.where(succeeded, fails_at, torch.minimum(fails_at, alpha))
        alpha = torch.where(succeeds_at == 0, alpha / 10, (succeeds_at * fails_at).sqrt())
        alpha = torch.where(fails_at.isinf(), succeeds_at * 10, alpha)
    result[rows] = best.image
    return result


def _evaluate(
    problem: _Problem, images: Tensor, chosen: Tensor, alpha: Tensor, best: _Smallest, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns values (n,), gradients (n, N) and success (n,) of the chosen samples; updates `best`."""
    with torch.enable_grad():
        leaf = images.detach().requires_grad_()
        logits = problem.model.at(problem.rows[chosen], step)(leaf)
        squared_distance = (leaf - problem.clean[chosen]).square().sum((1, 2, 3))
        losses = functional.cross_entropy(logits, problem.goals[chosen], reduction="none")
        values = alpha[chosen] * squared_distance + losses
        (gradient,) = torch.autograd.grad(values.sum(), leaf)
    solved = is_adversarial(logits.detach(), problem.labels[chosen], take(problem.targets, chosen))
    better = solved & (squared_distance.detach() < best.squared_distance[chosen])
    best.squared_distance[chosen[better]] = squared_distance.detach()[better]
    best.image[chosen[better]] = images[better]
    return values.detach(), gradient.flatten(1), solved


def _direction(gradient: Tensor, pairs: list[tuple[Tensor, Tensor]], alpha: Tensor) -> Tensor:
    """Returns minus the approximate inverse Hessian times the gradient (A, N): the two-loop recursion.

    A pair without positive curvature is zero for its sample, and so drops out. The first scale is the exact
    one of the distance term, 1 / (2 alpha); later the last pair's.
    """
    vector, coefficients = gradient.clone(), []
    scale = 0.5 / alpha[:, None]
    for change, slope in reversed(pairs):
        curvature = (change * slope).sum(1, keepdim=True)
        weight = torch.where(curvature > 0, 1 / curvature.clamp_min(1e-30), 0.0)
        coefficient = weight * (change * vector).sum(1, keepdim=True)
        vector = vector - coefficient * slope
        coefficients.append((weight, coefficient))
    if pairs:
        change, slope = pairs[-1]
        length = slope.square().sum(1, keepdim=True)
        scale = torch.where(
            length > 0, (change * slope).sum(1, keepdim=True) / length.clamp_min(1e-30), scale
        )
    vector = scale * vector
    for (change, slope), (weight, coefficient) in zip(pairs, reversed(coefficients), strict=True):
        vector = vector + change * (coefficient - weight * (slope * vector).sum(1, keepdim=True))
    return -vector


def _minimise(
    problem: _Problem, alpha: Tensor, best: _Smallest, *, num_steps: int, history: int, first_step: int
) -> Tensor:
    """Runs L-BFGS from the clean images for one alpha per sample; returns which samples (A,) succeeded."""
    lower, upper = problem.model.bounds
    shape = problem.clean.shape[1:]
    chosen = torch.arange(len(problem.rows), device=problem.rows.device)
    succeeded = torch.zeros_like(alpha, dtype=torch.bool)
    point = problem.clean.flatten(1)
    value, gradient, _ = _evaluate(problem, problem.clean, chosen, alpha, best, first_step)
    pairs: list[tuple[Tensor, Tensor]] = []
    for step in range(1, num_steps + 1):
        held = ((point <= lower) & (gradient > 0)) | ((point >= upper) & (gradient < 0))
        free = gradient.masked_fill(held, 0.0)
        direction = _direction(free, pairs, alpha[chosen]).masked_fill(held, 0.0)
        is_uphill = (direction * free).sum(1, keepdim=True) >= 0
        direction = torch.where(is_uphill, -0.5 / alpha[chosen, None] * free, direction)
        moved, new_value, new_gradient = point.clone(), value.clone(), gradient.clone()
        pending, length = torch.arange(len(chosen), device=chosen.device), 1.0
        for _ in range(_MAX_HALVINGS):
            trial = (point[pending] + length * direction[pending]).clamp(lower, upper)
            images = trial.unflatten(1, shape)
            values, gradients, solved = _evaluate(
                problem, images, chosen[pending], alpha, best, first_step + step
            )
            succeeded[chosen[pending]] |= solved
            promised = (gradient[pending] * (trial - point[pending])).sum(1)
            accepted = values <= value[pending] + _SUFFICIENT_DECREASE * promised
            done = pending[accepted]
            moved[done], new_value[done], new_gradient[done] = (
                trial[accepted],
                values[accepted],
                gradients[accepted],
            )
            pending, length = pending[~accepted], length / 2
            if not len(pending):
                break
        # Near a minimum float32 cannot show a smaller decrease than this; more steps would only walk in noise.
        keep = (value - new_value) > 1e-5 * value.abs().clamp_min(1e-6)
        change, slope = moved - point, new_gradient - gradient
        is_curved = (change * slope).sum(1, keepdim=True) > 1e-10 * slope.square().sum(1, keepdim=True)
        pairs = [*pairs, (change * is_curved, slope * is_curved)][-history:]
        pairs = [(one[keep], other[keep]) for one, other in pairs]
        chosen, point, value, gradient = chosen[keep], moved[keep], new_value[keep], new_gradient[keep]
        if not len(chosen):
            break
    return succeeded
