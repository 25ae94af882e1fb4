"""The attacks by name, with what each takes and its settings in the dissertation's experiments.

The dissertation names its library's defaults and a size of 0.02-0.04, no parameters (section 4.9); where it says
nothing, a default is the method's published one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from thesis_workloads.attacks.apgd import apgd_ce, apgd_dlr
from thesis_workloads.attacks.carlini_wagner import carlini_wagner
from thesis_workloads.attacks.deepfool import deepfool
from thesis_workloads.attacks.igsm import igsm
from thesis_workloads.attacks.jsma import jsma
from thesis_workloads.attacks.lbfgs import lbfgs
from thesis_workloads.attacks.model import Attackable
from thesis_workloads.attacks.pgd import pgd
from thesis_workloads.attacks.single_step import fgsm, gradient_attack
from thesis_workloads.attacks.square import square


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack: its function, default parameters, and which of the optional arguments it takes."""

    function: Callable[..., Tensor]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    budget: Literal[
        "linf", "l2", "smallest"
    ]  # norm of its epsilon, or it looks for the smallest perturbation
    takes_seeds: bool = False
    takes_targets: bool = True


ATTACKS: Mapping[str, Attack] = {
    "fgsm": Attack(function=fgsm, parameters={"epsilon": 0.05}, budget="linf"),  # |L2| of table 4.1
    "igsm": Attack(function=igsm, parameters={"epsilon": 0.03, "num_steps": 10}, budget="linf"),  # table 4.1
    "gradient": Attack(
        function=gradient_attack, parameters={"epsilon": 7.8}, budget="l2"
    ),  # |L2| 0.02 at 224 px
    "lbfgs": Attack(function=lbfgs, budget="smallest"),
    # Several values per step and a hundredth of them at most keep 20 images at 224 px to minutes on a CPU.
    "jsma": Attack(function=jsma, parameters={"max_fraction": 0.01, "values_per_step": 8}, budget="smallest"),
    "deepfool": Attack(
        function=deepfool, parameters={"overshoot": 0.02}, budget="smallest", takes_targets=False
    ),
    "cw": Attack(function=carlini_wagner, parameters={"confidence": 0.0}, budget="smallest"),
    "pgd": Attack(
        function=pgd, parameters={"epsilon": 0.03, "num_steps": 40}, budget="linf", takes_seeds=True
    ),
    "pgd-l2": Attack(
        function=pgd,
        parameters={"norm": "l2", "epsilon": 3.0, "num_steps": 40},
        budget="l2",
        takes_seeds=True,
    ),
    "apgd-ce": Attack(function=apgd_ce, parameters={"epsilon": 0.03}, budget="linf", takes_seeds=True),
    "apgd-dlr": Attack(function=apgd_dlr, parameters={"epsilon": 0.03}, budget="linf", takes_seeds=True),
    "square": Attack(function=square, parameters={"epsilon": 0.05}, budget="linf", takes_seeds=True),
}


def perturb(
    name: str,
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    seeds: Tensor,
    targets: Tensor | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Tensor:
    """Runs an attack by name.

    Args:
        seeds: One seed per sample (B,); the attacks that draw nothing leave them aside.
        targets: Classes (B,) to reach; None leaves the label.
        parameters: Settings that replace the catalogue's.

    Returns:
        Images (B, C, H, W) in the model's bounds.

    Raises:
        ValueError: if there is no such attack, or if it cannot be targeted and targets are given.
    """
    if name not in ATTACKS:
        raise ValueError(f"name must be one of {sorted(ATTACKS)}, got {name=}")
    attack = ATTACKS[name]
    arguments = {**attack.parameters, **(parameters or {})}
    if attack.takes_seeds:
        arguments["seeds"] = seeds
    if targets is not None and not attack.takes_targets:
        raise ValueError(f"targets must be None for an attack without targets, got {name=}")
    if targets is not None:
        arguments["targets"] = targets
    return attack.function(model, inputs, labels, **arguments)
