"""The images that an evaluation attacks, for an attacker who doesn't know the defence or one who does.

Sections 4.2 and 4.9; the attacker who knows the defence (BPDA and EOT) is beyond the dissertation.
"""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from thesis_workloads.attacks.adaptive import DefendedModel, Defense
from thesis_workloads.attacks.budget import (
    epsilon_of_normalised_l2,
    reach_normalised_l2,
    scale_to_normalised_l2,
)
from thesis_workloads.attacks.catalog import ATTACKS, perturb
from thesis_workloads.attacks.model import Attackable, AttackModel
from thesis_workloads.attacks.randomness import derive_seeds
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.defenses.counter_random import image_seeds

CLEAN = "clean"
_ATTACKER = 0xA77A  # stream of the attacker's seeds, apart from the defender's
_STOPS_EARLY = ("igsm", "pgd", "pgd-l2", "apgd-ce", "apgd-dlr")
_MAX_TRIES = 3  # a random defence may be wrong on a clean image by one draw, which is no reason to spare it


def adversarial_images(
    name: str,
    classifier: Classifier,
    images: Tensor,
    labels: Tensor,
    ids: Tensor,
    *,
    parameters: Mapping[str, Any] | None = None,
    l2: float | None = None,
    seed: int = 0,
) -> Tensor:
    """Returns the attacked images ``(B, 3, H, W)`` in [0, 1] of an attacker who sees the classifier only.

    Args:
        name: a key of `attacks.catalog.ATTACKS`, or ``clean``, which leaves the images.
        ids: ``(B,)`` int64; with ``seed`` they give each image's own random numbers.
        parameters: replace the catalogue's.
        l2: normalised L2 size that every perturbation is brought to; None leaves it to the attack.
        seed: of the attack's random numbers.

    Raises:
        ValueError: if the name is unknown or a parameter out of range.
    """
    if name == CLEAN:
        return images.clone()
    seeds = derive_seeds(image_seeds(ids, seed=seed), _ATTACKER)
    model: Attackable = AttackModel(classifier, bounds=classifier.bounds)
    if l2 is None:
        return perturb(name, model, images, labels, seeds=seeds, parameters=parameters)
    return _at_size(name, model, images, labels, seeds, parameters=parameters or {}, l2=l2)


def adaptive_images(
    name: str,
    classifier: Classifier,
    defense: Defense,
    images: Tensor,
    labels: Tensor,
    ids: Tensor,
    *,
    parameters: Mapping[str, Any] | None = None,
    num_draws: int = 1,
    gradient: Literal["bpda", "true"] = "bpda",
    seed: int = 0,
) -> Tensor:
    """Returns the attacked images ``(B, 3, H, W)`` of an attacker who knows the defence but not its draws.

    An image that comes back as it was, because the defence's first draws lost it unattacked, is tried again
    with other draws.

    Args:
        defense: images ``(N, 3, H, W)`` and seeds ``(N,)`` -> defended images.
        num_draws: draws of the defence that each step averages (EOT).
        gradient: the identity in place of the defence's gradient (BPDA), or its own.

    Raises:
        ValueError: as `adversarial_images`, or where the defence has no such gradient.
    """
    result = images.clone()
    rows = torch.arange(len(images), device=images.device)
    for attempt in range(_MAX_TRIES):
        if not len(rows):
            break
        seeds = derive_seeds(image_seeds(ids[rows], seed=seed), _ATTACKER, attempt)
        model = DefendedModel(
            classifier=AttackModel(classifier, bounds=classifier.bounds),
            defense=defense,
            seeds=seeds,
            gradient=gradient,
            num_draws=num_draws,
        )
        found = perturb(name, model, images[rows], labels[rows], seeds=seeds, parameters=parameters)
        result[rows] = found
        rows = rows[(found == images[rows]).flatten(1).all(1)]
    return result


def _at_size(
    name: str,
    model: Attackable,
    images: Tensor,
    labels: Tensor,
    seeds: Tensor,
    *,
    parameters: Mapping[str, Any],
    l2: float,
) -> Tensor:
    if name not in ATTACKS:
        raise ValueError(f"name must be one of {sorted(ATTACKS)}, got {name=}")
    budget = ATTACKS[name].budget
    if budget == "smallest":
        found = perturb(name, model, images, labels, seeds=seeds, parameters=parameters)
        return scale_to_normalised_l2(found, images, target=l2, bounds=model.bounds)
    to_the_end = {"early_stop": False} if name in _STOPS_EARLY else {}

    def attack(rows: Tensor, epsilon: Tensor) -> Tensor:
        return perturb(
            name,
            model,
            images[rows],
            labels[rows],
            seeds=seeds[rows],
            parameters={**parameters, **to_the_end, "epsilon": epsilon},
        )

    return reach_normalised_l2(
        attack,
        images,
        target=l2,
        initial_epsilon=epsilon_of_normalised_l2(l2, images.shape[1:], norm=budget, bounds=model.bounds),
        bounds=model.bounds,
        tolerance=0.02,
    )
