"""The cost of an evaluation, estimated from the attacks' steps before anything runs.

A battery stops at the first attack that breaks an image, so it has two costs: what is expected, at the share of
images that survive each epsilon on the shipped photographs, and the most, if no attack breaks any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from thesis.execution.evaluation.pipeline import num_rows, passes_of
from thesis_workloads.attacks.battery import MEMBERS, Member
from thesis_workloads.attacks.catalog import ATTACKS
from thesis_workloads.attacks.probe_names import BINARISATION, KNOWN_DRAW
from thesis_workloads.attacks.probes import PLAIN, members_of
from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.contract.adaptive_attacks import BATTERY, PROBE
from thesis_workloads.contract.evaluation import AttackSpec
from thesis_workloads.contract.evaluation_plan import EvaluationPlan

# Forward passes of one image at 224 px; the CPU's was measured with EfficientNet-Lite0 on one core, the
# GPU's is an assumption. A gradient costs three passes.
_S_PER_PASS = {
    "efficientnet-lite0": 0.025,
    "efficientnet-lite1": 0.045,
    "efficientnet-lite2": 0.065,
    "resnet-50": 0.12,
    "vgg-19": 0.45,
    "inception-v3": 0.2,
}
_GPU_S_PER_PASS = 0.0005
_GRADIENT = 3.0
_PROCESS_BYTES = 700 * 2**20

# Gradients that each attack takes of an image at most, from its parameters.
_GRADIENTS: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
    "fgsm": lambda p: 1,
    "gradient": lambda p: 1,
    "igsm": lambda p: p.get("num_steps", 10),
    "pgd": lambda p: p.get("num_steps", 40),
    "pgd-l2": lambda p: p.get("num_steps", 40),
    "apgd-ce": lambda p: p.get("num_steps", 100),
    "apgd-dlr": lambda p: p.get("num_steps", 100),
    "square": lambda p: p.get("num_steps", 1000) / _GRADIENT,
    "deepfool": lambda p: 4 * p.get("num_candidates", 10),
    "cw": lambda p: p.get("num_searches", 9) * p.get("num_steps", 1000),
    "lbfgs": lambda p: (p.get("num_decades", 6) + p.get("num_bisections", 4)) * 1.3 * p.get("num_steps", 20),
    "jsma": lambda p: 2 * p.get("max_fraction", 0.1) * 3 * 224**2 / p.get("values_per_step", 1),
    "clean": lambda p: 0,
}
_QUERIES = {"noise", "square", "rays"}  # kinds of member that take no gradient
_NUM_FIRST = 3  # members that break most of the images that fall at all
_CHECKS = 10  # draws that every candidate is judged by
# Share of images that still stand at an epsilon x 255 behind pixel deflection; what is larger breaks all.
_SURVIVE = ((0.125, 0.5), (0.25, 0.25), (0.5, 0.12), (1.0, 0.05))


@dataclass(frozen=True, kw_only=True)
class EvaluationCost:
    """An evaluation's cost, with the rates that it was estimated with."""

    num_rows: int
    num_passes: int
    cpu_core_hours: float
    gpu_hours: float
    memory_bytes: float
    storage_bytes: float
    most_cpu_core_hours: float  # if no attack of a battery breaks any image
    s_per_pass: float
    gpu_s_per_pass: float = _GPU_S_PER_PASS


def estimate_evaluation(plan: EvaluationPlan, *, num_images: int) -> EvaluationCost:
    """Returns the cost of an evaluation none of whose adversarial sets is there yet."""
    passes = most = 0.0
    for each in passes_of(plan):
        attack = each.attack
        defenses = plan.defenses if attack.defense is None else (attack.defense,)
        judged = 3 + sum(defense.num_votes for defense in defenses if defense.kind != "none")
        if attack.name == BATTERY:
            first, whole = _battery_passes(attack)
            passes += judged + first + _surviving(attack.parameters["epsilon"]) * whole
            most += judged + first + whole
        else:
            passes += judged + _attack_passes(attack)
            most += judged + _attack_passes(attack)
    total = passes * num_images
    size = CATALOG[plan.classifier].input_size
    seconds = _S_PER_PASS.get(plan.classifier, _S_PER_PASS["resnet-50"])
    return EvaluationCost(
        num_rows=num_rows(plan, num_images),
        num_passes=round(total),
        cpu_core_hours=total * seconds / 3600,
        gpu_hours=total * _GPU_S_PER_PASS / 3600,
        memory_bytes=2 * _PROCESS_BYTES,
        most_cpu_core_hours=most * num_images * seconds / 3600,
        storage_bytes=4.0 * 4 * size * size * num_images * len(passes_of(plan)),
        s_per_pass=seconds,
    )


def _attack_passes(attack: AttackSpec) -> float:
    if attack.defense is not None:
        return _probe_passes(attack)
    catalog = ATTACKS[attack.name].parameters if attack.name in ATTACKS else {}
    gradients = _GRADIENTS[attack.name]({**catalog, **attack.parameters})
    rounds = 2 if attack.l2 is not None and attack.name in ("fgsm", "igsm", "pgd", "gradient") else 1
    return rounds * gradients * _GRADIENT


def _battery_passes(attack: AttackSpec) -> tuple[float, float]:
    """Returns the passes of an image that the first attacks break, and those of all the others."""
    costs = [_member_passes(attack, member) for member in MEMBERS]
    return sum(costs[:_NUM_FIRST]) + _CHECKS, sum(costs[_NUM_FIRST:])


def _member_passes(attack: AttackSpec, member: Member) -> float:
    steps = max(round(member.steps * int(attack.parameters["num_steps"])), 1)
    draws = max(round(member.draws * attack.num_draws), 1)
    if member.kind == "transfer":
        return steps * _GRADIENT + _CHECKS
    each = draws * (1.0 if member.kind in _QUERIES else _GRADIENT) + _maps(attack)
    return steps * each + _CHECKS


def _probe_passes(attack: AttackSpec) -> float:
    """Returns the passes of one probe or test of an audit, as if no attack stopped early."""
    if attack.name == BINARISATION:
        points = int(attack.parameters["num_inner"]) * (1 + _maps(attack)) + 3 * _CHECKS
        return points + _member_passes(attack, PLAIN)
    name = attack.name.removeprefix(PROBE)
    if name in ("noise", "gradient-free"):
        return sum(_member_passes(attack, member) for member in members_of(name, PLAIN))
    if name == KNOWN_DRAW:
        return _member_passes(attack, PLAIN) / max(attack.num_draws, 1)
    return sum(_member_passes(attack, member) for member in members_of(name, PLAIN))


def _maps(attack: AttackSpec) -> int:
    return 1 if attack.defense is not None and attack.defense.kind == "deflection" else 0


def _surviving(epsilon: float) -> float:
    return next((share for bound, share in _SURVIVE if 255 * epsilon <= bound + 1e-6), 0.0)
