"""The images of an attacker who knows the defence: the worst of a battery, and the attacks that audit it.

Beyond the dissertation, whose attacks know the classifier only (sections 4.2 and 4.9).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from thesis_workloads.attacks.adaptive import Defense
from thesis_workloads.attacks.battery import MEMBERS, Start, run_battery
from thesis_workloads.attacks.binarisation import binarisation_test
from thesis_workloads.attacks.gradients import Gradient, usable_gradients
from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.probe_names import BINARISATION, NO_GRADIENT, PROBES
from thesis_workloads.attacks.probes import run_probe
from thesis_workloads.attacks.randomness import derive_seeds
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.defenses.counter_random import image_seeds
from thesis_workloads.systems.pixel_deflection.defenders import Defender, as_seen_by_attacker

BATTERY = "battery"
NAMES = (BATTERY, BINARISATION, *(f"probe-{name}" for name in PROBES))
_ATTACKER = 0xA77B  # stream of the attacker's seeds, apart from the defender's
# The attack that the binarisation test tries: the battery's plain members, the cheapest first.
_PLAIN = tuple(each for each in MEMBERS if each.kind in ("pgd", "apgd") and not each.runner_up)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an attacker who knows the defence found."""

    images: Tensor  # (B, 3, H, W) in [0, 1]
    names: tuple[str, ...]  # of the attack that broke each image, or the binarisation test's outcome


def knowing_images(
    name: str,
    classifier: Classifier,
    defender: Defender,
    images: Tensor,
    labels: Tensor,
    ids: Tensor,
    *,
    epsilon: float,
    num_steps: int,
    num_draws: int,
    is_random: bool,
    is_defended: bool = True,
    start: Start | None = None,
    num_inner: int = 99,
    seed: int = 0,
    defender_seed: int = 0,
) -> Known:
    """Returns the images as attacked by the battery, a probe or the binarisation test.

    Args:
        name: one of `NAMES`.
        images: ``(B, 3, H, W)`` in [0, 1]; ids: ``(B,)`` int64.
        epsilon: largest change of a value.
        num_steps, num_draws: effort of a plain attack; the members' are multiples of it.
        start: what smaller epsilons found of the same images.
        num_inner: points of the binarisation test.
        defender_seed: with the ids it gives the draw that the probe of the known draw receives.

    Raises:
        ValueError: if the name is unknown, or a probe needs a gradient that the defence doesn't have.
    """
    if name not in NAMES:
        raise ValueError(f"name must be one of {NAMES}, got {name=}")
    defense = as_seen_by_attacker(defender, classifier)
    stand_in = defender.stand_in
    gradients = gradients_of(defender, defense, images)
    seeds = derive_seeds(image_seeds(ids, seed=seed), _ATTACKER)
    shared: Mapping[str, Any] = {
        "seeds": seeds, "epsilon": epsilon, "num_steps": num_steps, "num_draws": num_draws,
        "gradients": gradients, "is_random": is_random, "stand_in": stand_in,
    }  # fmt: skip
    model = AttackModel(classifier, bounds=classifier.bounds)
    if name == BATTERY:
        found = run_battery(model, defense, images, labels, is_defended=is_defended, start=start, **shared)
        return Known(images=found.images, names=found.names)
    if not gradients and name not in ("probe-noise", "probe-gradient-free"):
        return Known(images=images.clone(), names=(NO_GRADIENT,) * len(images))
    if name == BINARISATION:
        outcomes = binarisation_test(
            penultimate(classifier), defense, images, num_inner=num_inner, members=_PLAIN, **shared
        )
        return Known(images=images.clone(), names=tuple(outcomes))
    probe = name.removeprefix("probe-")
    own = image_seeds(ids, seed=defender_seed)
    made = run_probe(probe, model, defense, images, labels, defender_seeds=own, **shared)
    return Known(images=made, names=(probe,) * len(images))


def gradients_of(defender: Defender, defense: Defense, images: Tensor) -> tuple[Gradient, ...]:
    """Returns the gradients that an attacker may use: those that work, less what the defender rules out as too dear."""
    channels, height, width = images.shape[1:]
    if defender.gradient == "bpda":
        return ("bpda",)
    found = usable_gradients(
        defense, shape=(channels, height, width), stand_in=defender.stand_in, device=str(images.device)
    )
    return tuple(each for each in found if defender.gradient in ("auto", each))


def penultimate(classifier: Classifier) -> Callable[[Tensor], Tensor]:
    """Returns the function that gives a classifier's last features ``(B, D)`` of images, with their gradient.

    Raises:
        ValueError: if the classifier doesn't end in a linear layer.
    """
    layers = [module for module in classifier.tail.modules() if isinstance(module, torch.nn.Linear)]
    if not layers:
        raise ValueError(f"classifier must end in a linear layer for this test, got {classifier.name=}")

    def features(images: Tensor) -> Tensor:
        seen: list[Tensor] = []
        hook = layers[-1].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        try:
            classifier(images)
        finally:
            hook.remove()
        return seen[0]

    return features
