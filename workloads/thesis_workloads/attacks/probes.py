"""The attacks that an audit of a defence compares: one plain attack, and the same with one thing changed.

Sources of the checks: Carlini et al., "On evaluating adversarial robustness", 2019, section 5; Athalye et al., 2018,
section 3.1; Liu et al. 2024 (arXiv 2404.14309) for the attack that knows the defence's draw.
"""

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from thesis_workloads.attacks.adaptive import DefendedModel, Defense
from thesis_workloads.attacks.battery import Member, attacked, run_battery
from thesis_workloads.attacks.gradients import Gradient
from thesis_workloads.attacks.model import Attackable
from thesis_workloads.attacks.probe_names import KNOWN_DRAW, PROBES, VARIANTS

PLAIN = Member(name="plain", kind="pgd", momentum=1.0)
_GRADIENT_FREE = tuple(Member(name=kind, kind=kind, steps=5.0) for kind in ("square", "rays"))


def run_probe(
    name: str,
    classifier: Attackable,
    defense: Defense,
    inputs: Tensor,
    labels: Tensor,
    *,
    seeds: Tensor,
    defender_seeds: Tensor,
    epsilon: float,
    num_steps: int,
    num_draws: int,
    gradients: Sequence[Gradient],
    is_random: bool = True,
    stand_in: Defense | None = None,
    plain: Member = PLAIN,
) -> Tensor:
    """Returns the attacked images (B, C, H, W) of one probe.

    Args:
        name: One of `PROBES`.
        seeds: Of the attacker, one per sample (B,).
        defender_seeds: Of the very draw that the attack ``known-draw`` is judged by, (B,).
        gradients: What the defence offers; the first is used, and without any the plain attack cannot run.
        plain: The attack that is audited.

    Raises:
        ValueError: if there is no such probe, or no gradient where one is needed.
    """
    if name not in PROBES:
        raise ValueError(f"name must be one of {PROBES}, got {name=}")
    is_free = name in ("noise", "gradient-free")
    if not gradients and not is_free:
        raise ValueError(f"gradients must offer one for this probe, got {name=} {gradients=}")
    plain = replace(plain, gradient=gradients[0] if gradients else "bpda")
    if name == KNOWN_DRAW:
        model = DefendedModel(
            classifier=classifier, defense=defense, seeds=defender_seeds, gradient=plain.gradient,
            fresh_draws=False, stand_in=stand_in,
        )  # fmt: skip
        return attacked(plain, model, inputs, labels, epsilon=epsilon, num_steps=num_steps)
    return run_battery(
        classifier,
        defense,
        inputs,
        labels,
        seeds=seeds,
        epsilon=epsilon,
        num_steps=num_steps,
        num_draws=num_draws,
        gradients=gradients,
        is_random=is_random,
        stand_in=stand_in,
        members=members_of(name, plain),
    ).images


def members_of(name: str, plain: Member) -> tuple[Member, ...]:
    """Returns the members of a probe that runs as a small battery."""
    if name == "noise":
        return (Member(name="noise", kind="noise"),)
    if name == "gradient-free":
        return _GRADIENT_FREE
    changes = VARIANTS[name]
    member = replace(
        plain, steps=plain.steps * changes.get("steps", 1.0), draws=plain.draws * changes.get("draws", 1.0)
    )
    return (member,) * round(changes.get("starts", 1.0))
