"""What an evaluation would cost, reckoned from the attacks' steps before anything runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from thesis.execution.evaluation.pipeline import num_rows, passes_of
from thesis_workloads.attacks.catalog import ATTACKS
from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.contract.evaluation import AttackSpec, EvaluationPlan

# Forward passes of one image at 224 px; the CPU's was measured with EfficientNet-Lite0 on one core, the
# GPU's is an assumption. A gradient costs three passes.
_S_PER_PASS = {"efficientnet-lite0": 0.025, "resnet-50": 0.12, "vgg-19": 0.45, "inception-v3": 0.2}
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


@dataclass(frozen=True, kw_only=True)
class EvaluationCost:
    """An evaluation's cost, with the rates it was reckoned at."""

    num_rows: int
    num_passes: int
    cpu_core_hours: float
    gpu_hours: float
    memory_bytes: float
    storage_bytes: float
    s_per_pass: float
    gpu_s_per_pass: float = _GPU_S_PER_PASS


def estimate_evaluation(plan: EvaluationPlan, *, num_images: int) -> EvaluationCost:
    """Returns the cost of an evaluation none of whose adversarial sets is there yet."""
    passes = 0.0
    for each in passes_of(plan):
        attack = each.attack
        passes += 3 + _attack_passes(attack)
        defenses = plan.defenses if attack.defense is None else (attack.defense,)
        passes += sum(defense.num_votes for defense in defenses if defense.kind != "none")
    total = passes * num_images
    size = CATALOG[plan.classifier].input_size
    seconds = _S_PER_PASS.get(plan.classifier, _S_PER_PASS["resnet-50"])
    return EvaluationCost(
        num_rows=num_rows(plan, num_images),
        num_passes=round(total),
        cpu_core_hours=total * seconds / 3600,
        gpu_hours=total * _GPU_S_PER_PASS / 3600,
        memory_bytes=2 * _PROCESS_BYTES,
        storage_bytes=4.0 * 4 * size * size * num_images * len(passes_of(plan)),
        s_per_pass=seconds,
    )


def _attack_passes(attack: AttackSpec) -> float:
    catalog = ATTACKS[attack.name].parameters if attack.name in ATTACKS else {}
    gradients = _GRADIENTS[attack.name]({**catalog, **attack.parameters})
    rounds = 2 if attack.l2 is not None and attack.name in ("fgsm", "igsm", "pgd", "gradient") else 1
    maps = 1 if attack.defense is not None and attack.defense.kind == "deflection" else 0
    return rounds * attack.num_draws * gradients * (_GRADIENT + maps)
