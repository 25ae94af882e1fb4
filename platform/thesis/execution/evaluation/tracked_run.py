"""The metadata of an evaluation's run in MLflow: heading, description, parameters and tags."""

import dataclasses
from typing import Any

from thesis.execution.evaluation.attack_stage import ClassifierSource
from thesis.execution.evaluation.images import ImageSet
from thesis.tracking.provenance import provenance_tags
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.registry import find_system


def title_of(plan: EvaluationPlan) -> str:
    """Returns the heading of an experiment in MLflow."""
    return f"{find_system(plan.system).title}: attacks and defences"


def describe(plan: EvaluationPlan) -> str:
    """Returns a paragraph that describes the run in MLflow."""
    attacks, defenses = map(", ".join, _names(plan))
    return (
        f"{title_of(plan)}. {plan.classifier} under {attacks}; defences: {defenses}. Each child run is one attack"
        " before one defence; tick some and press Compare. Only images classified right before the attack count."
    )


def _names(plan: EvaluationPlan) -> tuple[list[str], list[str]]:
    return [attack.label for attack in plan.attacks], [defense.name for defense in plan.defenses]


def params_of(plan: EvaluationPlan) -> dict[str, Any]:
    """Returns the parameters of an evaluation's run."""
    strengths = {"adaptive": plan.adaptive, "audit": (plan.audit,) if plan.audit else ()}
    return {
        **dataclasses.asdict(plan),
        **dict(zip(("attacks", "defenses"), map(" ".join, _names(plan)), strict=True)),
        **{
            key: " ".join(f"{each.epsilon:.4g}:{each.num_steps}:{each.num_draws}" for each in specs)
            for key, specs in strengths.items()
        },
    }


def tags_of(plan: EvaluationPlan, images: ImageSet, source: ClassifierSource) -> dict[str, str]:
    """Returns the tags of an evaluation's run."""
    return {
        "thesis.system": plan.system,
        "thesis.scale": plan.scale,
        "thesis.chapter": str(find_system(plan.system).chapter),
        "thesis.tables": plan.table,
        "thesis.dataset": images.name,
        "thesis.dataset_digest": images.digest,
        "thesis.classifier": f"{source.name} {source.digest}",
        "thesis.runner": "ray-data",
        **provenance_tags(),
    }
