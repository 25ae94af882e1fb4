"""The worst of a battery of attacks, per image: cheap ones first, and only the images that survive go on.

Source of the idea: Croce and Hein, 2020 (AutoAttack); of the members: Athalye et al., 2018 (BPDA, EOT), Dong et
al., 2018 (momentum), Chen and Gu, 2020 (RayS), Tramer et al., 2020 (attacks fitted to the defence). Beyond the
dissertation.

The attacker judges every candidate by draws of its own and keeps, image by image, the one that the fewest of
them get right; the defender's draws take no part in the choice. An image is broken, and attacked no further,
when the classifier is wrong on all but `_LUCKY` of the draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from thesis_workloads.attacks.adaptive import DefendedModel, Defense
from thesis_workloads.attacks.apgd import apgd
from thesis_workloads.attacks.gradients import Gradient
from thesis_workloads.attacks.model import Attackable
from thesis_workloads.attacks.objective import (
    Objective,
    cross_entropy,
    difference_of_logits_ratio,
    margin,
)
from thesis_workloads.attacks.pgd import pgd
from thesis_workloads.attacks.randomness import derive_seeds, uniform
from thesis_workloads.attacks.rays import rays
from thesis_workloads.attacks.square import square

Kind = Literal["noise", "pgd", "apgd", "transfer", "square", "rays"]
UNATTACKED = "none needed"
_CHECK = 0xC4EC  # stream of the draws that candidates are judged by
_MEMBER = 0x3E3B
_NUM_CHECKS = 10  # draws
_LUCKY = 0.2  # share of them that may be right before an image that a vote decides
_MOMENTUM = 1.0


@dataclass(frozen=True, kw_only=True)
class Member:
    """One attack of the battery; its effort is in multiples of the battery's own."""

    name: str
    kind: Kind
    gradient: Gradient = "true"
    objective: Literal["ce", "dlr", "margin"] = "margin"
    steps: float = 1.0  # of the battery's steps
    draws: float = 1.0  # of its draws
    momentum: float = 0.0
    runner_up: int = 0  # 1: towards the likeliest wrong class, 2: the second, ...; 0: away from the label
    step_share: float | None = None  # of epsilon; None leaves the step to the attack


def _pgd(name: str, **changes: object) -> Member:
    return Member(**{"name": name, "kind": "pgd", "momentum": _MOMENTUM, **changes})  # type: ignore[arg-type]


def _apgd(name: str, **changes: object) -> Member:
    return Member(**{"name": name, "kind": "apgd", "steps": 1.5, **changes})  # type: ignore[arg-type]


def dlr_or_margin(logits: Tensor, labels: Tensor, targets: Tensor | None = None) -> Tensor:
    """Returns the DLR objective (B,), or the margin where there are fewer than the four classes that it needs."""
    objective: Objective = difference_of_logits_ratio if logits.shape[1] >= 4 else margin
    return objective(logits, labels, targets)


MEMBERS: tuple[Member, ...] = (
    Member(name="noise", kind="noise", draws=0.5),
    _pgd("pgd-ce", objective="ce", momentum=0.0, steps=0.8),
    _pgd("pgd-margin"),
    _pgd("pgd-margin-bpda", gradient="bpda"),
    Member(name="transfer", kind="transfer", momentum=_MOMENTUM, steps=2.0, step_share=0.5),
    _apgd("apgd-dlr", objective="dlr"),
    _apgd("apgd-dlr-runner-up", objective="dlr", runner_up=1),
    _apgd("apgd-ce", objective="ce"),
    _apgd("apgd-margin-bpda", gradient="bpda"),
    _apgd("apgd-dlr-second-runner-up", objective="dlr", runner_up=2),
    _pgd("pgd-margin-eot", draws=5.0, steps=0.6),
    _pgd("pgd-margin-restart"),
    Member(name="square", kind="square", steps=5.0, draws=0.5),
    Member(name="rays", kind="rays", steps=5.0, draws=0.5),
)
OBJECTIVES: dict[str, Objective] = {"ce": cross_entropy, "dlr": dlr_or_margin, "margin": margin}


@dataclass(frozen=True, kw_only=True)
class Found:
    """The worst image that a battery knows of each sample."""

    images: Tensor  # (B, C, H, W)
    names: tuple[str, ...]  # of the member that made it, where most draws are wrong; "" where none broke it
    num_right: Tensor  # (B,) int64, of the attacker's own draws
    num_checks: int


@dataclass(frozen=True, kw_only=True)
class Start:
    """What smaller epsilons have found: it lies in the larger ball too."""

    images: Tensor  # (B, C, H, W)
    names: tuple[str, ...]


def run_battery(
    classifier: Attackable,
    defense: Defense,
    inputs: Tensor,
    labels: Tensor,
    *,
    seeds: Tensor,
    epsilon: float,
    num_steps: int,
    num_draws: int,
    gradients: Sequence[Gradient],
    is_random: bool = True,
    is_defended: bool = True,
    stand_in: Defense | None = None,
    start: Start | None = None,
    members: Sequence[Member] = MEMBERS,
) -> Found:
    """Runs the members in order on the images that none before has broken.

    Args:
        classifier: Behind the defence; the transfer attack sees it alone.
        seeds: One seed per sample (B,).
        epsilon: Largest change of a value, in input units.
        num_steps, num_draws: Effort of a plain member; the others' are multiples of it.
        gradients: What the defence offers (`usable_gradients`); members that need another are left out.
        is_random: Whether draws differ; without, one is enough everywhere.
        is_defended: Without a defence a transfer from the classifier to itself is left out.
        stand_in: What BPDA differentiates; None takes the identity.

    Returns:
        Images in the bounds and at most epsilon from the inputs, at the fewest right draws, ties at the largest margin.
    """
    base = DefendedModel(
        classifier=classifier, defense=defense, seeds=seeds, num_draws=num_draws if is_random else 1,
        gradient="true" if "true" in gradients else "bpda", stand_in=stand_in,
    )  # fmt: skip
    num_checks = _NUM_CHECKS if is_random else 1
    best, names = inputs.clone(), [UNATTACKED] * len(inputs)
    right, value, logits = _judged(base, inputs, labels, num_checks)
    order = logits.scatter(1, labels[:, None], -torch.inf).argsort(dim=1, descending=True, stable=True)
    for number, member in enumerate((None, *members)):  # None: what a smaller epsilon found
        rows = (right > _LUCKY * num_checks).nonzero()[:, 0]
        if not len(rows):
            break
        if member is None:
            if start is None:
                continue
            trial = start.images[rows]
        elif not _takes_part(member, gradients, is_defended):
            continue
        else:
            draws = max(round(member.draws * num_draws), 1) if is_random else 1
            model = replace(base, seeds=derive_seeds(seeds[rows], _MEMBER, number), num_draws=draws)
            targets = order[rows, member.runner_up - 1] if member.runner_up else None
            steps = max(round(member.steps * num_steps), 1)
            trial = attacked(
                member, model, inputs[rows], labels[rows], targets=targets, epsilon=epsilon, num_steps=steps
            )
        new_right, new_value, _ = _judged(replace(base, seeds=seeds[rows]), trial, labels[rows], num_checks)
        is_worse = (new_right < right[rows]) | ((new_right == right[rows]) & (new_value > value[rows]))
        changed = rows[is_worse]
        best[changed], right[changed], value[changed] = (
            trial[is_worse],
            new_right[is_worse],
            new_value[is_worse],
        )
        for row in changed.tolist():
            names[row] = member.name if member is not None else start.names[row] if start is not None else ""
    broken = (2 * right < num_checks).tolist()
    return Found(
        images=best,
        names=tuple(name if is_broken else "" for name, is_broken in zip(names, broken, strict=True)),
        num_right=right,
        num_checks=num_checks,
    )


def _takes_part(member: Member, gradients: Sequence[Gradient], is_defended: bool) -> bool:
    if member.kind == "transfer":
        return is_defended
    # A plain network is its own stand-in: BPDA would be the same attack again.
    has_gradient = member.gradient in gradients and (is_defended or member.gradient == "true")
    return member.kind not in ("pgd", "apgd") or has_gradient


@torch.no_grad()
def _judged(
    model: DefendedModel, images: Tensor, labels: Tensor, num_checks: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the right draws (B,), the mean margin of the best wrong class (B,) and the mean logits (B, K)."""
    checks = replace(model, num_draws=num_checks, seeds=derive_seeds(model.seeds, _CHECK))
    logits = checks.by_draw(images)
    right = (logits.argmax(2) == labels[:, None]).sum(1)
    margins = margin(logits.flatten(0, 1), labels.repeat_interleave(num_checks))
    return right, margins.view(-1, num_checks).mean(1), logits.mean(1)


def attacked(
    member: Member,
    model: DefendedModel,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    epsilon: float,
    num_steps: int,
) -> Tensor:
    """Returns one member's images (B, C, H, W) under the draws that the model is set to."""
    shared: dict[str, Any] = {"seeds": model.seeds, "epsilon": epsilon, "num_steps": num_steps}
    if member.kind == "noise":
        return _noise(model, inputs, labels, epsilon=epsilon, num_tries=num_steps)
    if member.kind == "square":
        return square(model, inputs, labels, stop_at_success=False, attack_all=model.fresh_draws, **shared)
    if member.kind == "rays":
        return rays(model, inputs, labels, **shared)
    shared |= {"targets": targets, "objective": OBJECTIVES[member.objective], "early_stop": False}
    shared["attack_all"] = model.fresh_draws  # fresh draws may be right where the first were not
    if member.kind == "apgd":
        return apgd(replace(model, gradient=member.gradient), inputs, labels, **shared)
    view = model.classifier if member.kind == "transfer" else replace(model, gradient=member.gradient)
    step_size = None if member.step_share is None else member.step_share * epsilon
    return pgd(view, inputs, labels, momentum=member.momentum, step_size=step_size, **shared)


@torch.no_grad()
def _noise(model: DefendedModel, inputs: Tensor, labels: Tensor, *, epsilon: float, num_tries: int) -> Tensor:
    """Returns the worst of several random corners of the ball."""
    best, value = inputs, torch.full(labels.shape, -torch.inf, dtype=inputs.dtype, device=inputs.device)
    rows = torch.arange(len(inputs), device=inputs.device)
    for number in range(num_tries):
        signs = 2.0 * (uniform(derive_seeds(model.seeds, number), inputs.shape[1:]).to(inputs) < 0.5) - 1
        trial = (inputs + epsilon * signs).clamp(*model.bounds)
        reached = margin(model.at(rows, number)(trial), labels)
        is_better = reached > value
        best = torch.where(is_better[:, None, None, None], trial, best)
        value = torch.where(is_better, reached, value)
    return best
