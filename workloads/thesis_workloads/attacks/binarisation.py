"""The binarisation test: can the attack find a success that is known to be there? Zimmermann et al., NeurIPS 2022.

For each image the classifier's last layer is replaced by a linear head of two classes, fitted so that all of many
inner points of the epsilon ball belong to one class and a single point on its boundary to the other. The attack
starts at the image and must reach the other class. If it cannot, its failures elsewhere say nothing.

Deviations: the head is the ridge solution on the centred features instead of logistic regression, so that
nothing depends on an optimiser's stopping; the threshold lies half-way between the boundary point and the nearest
inner point (the source: 0.999 of the way), since a random defence moves both. Where the planted point is not
found again under fresh draws, the test says nothing about that image and counts as invalid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from thesis_workloads.attacks.adaptive import Defense
from thesis_workloads.attacks.battery import Member, run_battery
from thesis_workloads.attacks.gradients import Gradient
from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.randomness import derive_seeds, uniform

Outcome = Literal["found", "missed", "invalid"]
_POINTS, _CHECKS, _SEARCH = 0xB1, 0xB2, 0xB3  # streams
_NUM_CHECKS = 10  # fresh draws of the planted point
_CLOSENESS = 0.5  # where the threshold lies between the nearest inner point (0) and the planted point (1)
_RIDGE = 1e-3  # of the mean squared length of the centred features
_AT_ONCE = 16  # points that are classified together


@dataclass(frozen=True, kw_only=True)
class _Head:
    """A linear classifier of two classes on features."""

    weights: Tensor  # (D,)
    threshold: float

    def logits(self, features: Tensor) -> Tensor:
        """Returns (B, 2): inner, planted."""
        score = features @ self.weights - self.threshold
        return torch.stack([-score, score], dim=1)


def binarisation_test(
    features: Callable[[Tensor], Tensor],
    defense: Defense,
    inputs: Tensor,
    *,
    seeds: Tensor,
    epsilon: float,
    num_inner: int,
    num_steps: int,
    num_draws: int,
    gradients: Sequence[Gradient],
    members: Sequence[Member],
    is_random: bool = True,
    stand_in: Defense | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> list[Outcome]:
    """Returns for each image whether the attack found the planted success.

    Args:
        features: The classifier's last features (B, D) of images (B, C, H, W).
        seeds: One seed per sample (B,).
        num_inner: Inner points per image; the published number is 999.
        members: The attack: the first of them to succeed ends it.

    Raises:
        ValueError: if there is no inner point.
    """
    if num_inner < 1:
        raise ValueError(f"num_inner must be positive, got {num_inner=}")
    outcomes: list[Outcome] = []
    for image, seed in zip(inputs.split(1), seeds.split(1), strict=True):
        head = _planted(features, defense, image, seed, epsilon=epsilon, num_inner=num_inner, bounds=bounds)
        if head is None:
            outcomes.append("invalid")
            continue

        def classify(images: Tensor, head: _Head = head) -> Tensor:
            return head.logits(features(images))

        found = run_battery(
            AttackModel(classify, bounds=bounds),
            defense,
            image,
            torch.zeros(1, dtype=torch.int64, device=image.device),
            seeds=derive_seeds(seed, _SEARCH),
            epsilon=epsilon,
            num_steps=num_steps,
            num_draws=num_draws,
            gradients=gradients,
            is_random=is_random,
            stand_in=stand_in,
            members=members,
        )
        outcomes.append("found" if 2 * int(found.num_right[0]) < found.num_checks else "missed")
    return outcomes


@torch.no_grad()
def _planted(
    features: Callable[[Tensor], Tensor],
    defense: Defense,
    image: Tensor,
    seed: Tensor,
    *,
    epsilon: float,
    num_inner: int,
    bounds: tuple[float, float],
) -> _Head | None:
    """Returns a head with a planted success, or None where it does not hold under fresh draws."""
    shape = image.shape[1:]

    def described(points: Tensor, stream: int) -> Tensor:
        draws = torch.cat([derive_seeds(seed, stream, number) for number in range(len(points))])
        parts = zip(points.split(_AT_ONCE), draws.split(_AT_ONCE), strict=True)
        return torch.cat([features(defense(each, own)) for each, own in parts]).double()

    numbers = torch.cat([derive_seeds(seed, _POINTS, number) for number in range(num_inner)])
    moves = 2 * uniform(numbers, shape).to(image) - 1
    inner = torch.cat([image, (image + epsilon * moves).clamp(*bounds)])
    corner = 2.0 * (uniform(derive_seeds(seed, _POINTS, -1), shape).to(image) < 0.5) - 1
    planted = (image + epsilon * corner).clamp(*bounds).expand(_NUM_CHECKS, *shape)
    inside, beyond = described(inner, _POINTS + 16), described(planted, _POINTS + 32)
    centre = torch.cat([inside, beyond]).mean(0)
    rows = torch.cat([inside, beyond.mean(0, keepdim=True)]) - centre
    goal = torch.full((len(rows),), -1.0, dtype=torch.float64, device=image.device)
    goal[-1] = 1.0
    kernel = rows @ rows.T
    ridge = _RIDGE * kernel.diagonal().mean().clamp_min(1e-30)
    weights = rows.T @ torch.linalg.solve(kernel + ridge * torch.eye(len(rows)).to(kernel), goal)
    size = weights.norm().clamp_min(1e-30)
    nearest, reached = (inside @ weights).max(), (beyond @ weights).mean()
    if not reached > nearest:
        return None
    threshold = nearest + _CLOSENESS * (reached - nearest)
    fresh = described(planted, _CHECKS) @ weights > threshold
    at_rest = described(image.expand(_NUM_CHECKS, *shape), _CHECKS + 16) @ weights > threshold
    if 2 * int(fresh.sum()) <= _NUM_CHECKS or 2 * int(at_rest.sum()) >= _NUM_CHECKS:
        return None
    # Scaled so that the margin is one: objectives and their gradients then have an ordinary size.
    scale = 1 / ((reached - nearest) / 2).clamp_min(1e-30 * size)
    return _Head(weights=(weights * scale).to(image), threshold=float(threshold * scale))
