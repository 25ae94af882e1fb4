"""The size of a perturbation as the dissertation reports it, and attacks brought to a given size.

The dissertation calls its budget "normalized RMSE (|L2|)" (sections 3.4 and 4.9) and prints no formula. Here it is
the root mean square of the change over all values of an image, divided by the width of the model's bounds.
Under this reading a sign step of epsilon that is nowhere clipped has |L2| = epsilon. The dissertation reports the
size without saying how it was reached; two ways are offered:
- `reach_normalised_l2` repeats an attack with one epsilon per sample, each multiplied by wanted / measured
  until the size fits: for attacks that take an epsilon, run without early stop;
- `scale_to_normalised_l2` stretches or shrinks a found perturbation: for those that look for the smallest one
  (DeepFool, C&W, L-BFGS).
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import Norm


def normalised_l2(adversarial: Tensor, clean: Tensor, *, bounds: tuple[float, float] = (0.0, 1.0)) -> Tensor:
    """Returns the root mean square change (B,) of each image as a fraction of the width of the bounds."""
    return (adversarial - clean).flatten(1).square().mean(1).sqrt() / (bounds[1] - bounds[0])


def epsilon_of_normalised_l2(
    target: float, shape: Sequence[int], *, norm: Norm, bounds: tuple[float, float] = (0.0, 1.0)
) -> float:
    """Returns the epsilon whose full, unclipped step has the wanted size, for images of `shape` (C, H, W).

    Raises:
        ValueError: if the norm is neither "linf" nor "l2".
    """
    if norm not in ("linf", "l2"):
        raise ValueError(f"norm must be linf or l2, got {norm=}")
    return target * (bounds[1] - bounds[0]) * (1.0 if norm == "linf" else math.sqrt(math.prod(shape)))


def scale_to_normalised_l2(
    adversarial: Tensor,
    clean: Tensor,
    *,
    target: float,
    bounds: tuple[float, float] = (0.0, 1.0),
    only_shrink: bool = False,
    num_bisections: int = 30,
) -> Tensor:
    """Multiplies each perturbation by its own factor so that, clipped to the bounds, it has the wanted size.

    Args:
        target: Wanted `normalised_l2`.
        only_shrink: Treat the target as a budget: leave smaller perturbations as they are.

    Returns:
        Images (B, C, H, W) in the bounds. A perturbation of zero stays zero, and one that is clipped before
        it is large enough comes as close as it can (within a factor of 2^16).

    Raises:
        ValueError: if the target is not positive.
    """
    if target <= 0:
        raise ValueError(f"target must be positive, got {target=}")
    change = adversarial - clean

    def sized(factor: Tensor) -> Tensor:
        return (clean + factor[:, None, None, None] * change).clamp(*bounds)

    low = torch.zeros_like(change[:, 0, 0, 0])
    high = torch.ones_like(low)
    for _ in range(0 if only_shrink else 16):
        is_small = normalised_l2(sized(high), clean, bounds=bounds) < target
        high = torch.where(is_small, 2 * high, high)
    for _ in range(num_bisections):
        middle = (low + high) / 2
        is_small = normalised_l2(sized(middle), clean, bounds=bounds) < target
        low, high = torch.where(is_small, middle, low), torch.where(is_small, high, middle)
    return sized(high)


def reach_normalised_l2(
    attack: Callable[[Tensor, Tensor], Tensor],
    clean: Tensor,
    *,
    target: float,
    initial_epsilon: float,
    bounds: tuple[float, float] = (0.0, 1.0),
    tolerance: float = 0.01,
    max_rounds: int = 6,
) -> Tensor:
    """Repeats an attack with one epsilon per sample until each perturbation has the wanted size.

    Args:
        attack: Maps the rows (A,) of the batch that remain and their epsilons (A,) to adversarial images
            (A, C, H, W).
        target: Wanted `normalised_l2`.
        initial_epsilon: First epsilon, for example from `epsilon_of_normalised_l2`.
        tolerance: Relative error at which a sample is done.
        max_rounds: Most runs of the attack; a sample that clipping keeps from the target keeps its closest
            run.

    Returns:
        Images (B, C, H, W). A sample that the attack leaves as it is stays so.

    Raises:
        ValueError: if the target or the first epsilon is not positive.
    """
    if target <= 0 or initial_epsilon <= 0:
        raise ValueError(f"target and initial_epsilon must be positive, got {target=} {initial_epsilon=}")
    result, error = clean.clone(), clean.new_full((len(clean),), torch.inf)
    rows = torch.arange(len(clean), device=clean.device)
    epsilon = clean.new_full((len(clean),), initial_epsilon)
    for _ in range(max_rounds):
        if not len(rows):
            break
        found = attack(rows, epsilon[rows])
        size = normalised_l2(found, clean[rows], bounds=bounds)
        miss = (size / target - 1).abs()
        is_closer = miss < error[rows]
        result[rows[is_closer]], error[rows[is_closer]] = found[is_closer], miss[is_closer]
        epsilon[rows] *= target / size.clamp_min(1e-12)
        rows = rows[(miss > tolerance) & (size > 0)]
    return result
