"""What ``thesis reproduce`` is asked for, what of it each form of a declaration would run, and what that costs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.execution.evaluation.cost import estimate_evaluation
from thesis.execution.evaluation.images import images_of_plan
from thesis.execution.storage.cache import cache_root
from thesis.execution.training.cost import estimate
from thesis.execution.training.table_plan import table_plan
from thesis.experiments.evaluation_plan import Request, make_evaluation
from thesis.experiments.plan import Resources, TablePlan
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.contract.evaluation_tables import DeclaredEvaluation
from thesis_workloads.contract.tables import DeclaredMeasurement, DeclaredRuns, MeasureCost


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of ``thesis reproduce``."""

    scale: str
    num_seeds: int
    seed: int
    images: str
    labels: str
    classifier: str
    weights: str
    concurrency: int | None
    resources: Resources
    data_dir: Path | None
    download: bool
    output_dir: Path
    fresh: bool
    quiet: bool


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a table would cost."""

    num_trials: int
    core_hours: float
    gpu_hours: float
    memory_gib: float
    storage_mib: float


def table_plan_of(declared: DeclaredRuns, settings: Settings) -> TablePlan:
    """Returns the trials of a table."""
    return table_plan(
        declared,
        scale=settings.scale,
        num_seeds=settings.num_seeds,
        seed=settings.seed,
        resources=settings.resources,
    )


def evaluation_plan_of(name: str, settings: Settings) -> EvaluationPlan:
    """Returns the attacks and defences of a table."""
    request = Request(
        table=name,
        classifier=settings.classifier,
        weights=settings.weights,
        images=settings.images,
        labels=settings.labels,
        seed=settings.seed,
        scale=settings.scale,
    )
    return make_evaluation(request)


def num_seeds_of(declared: DeclaredMeasurement, settings: Settings) -> int:
    """Returns the number of seeds a measurement has."""
    return settings.num_seeds or declared.num_seeds[settings.scale]


def cost_of(name: str, declared: Any, settings: Settings) -> Cost:
    """Returns what a table would cost if nothing of it is there."""
    if isinstance(declared, DeclaredRuns):
        plan = table_plan_of(declared, settings)
        found = estimate(plan)
        return Cost(
            num_trials=len(plan.trials),
            core_hours=found.cpu_core_hours,
            gpu_hours=found.gpu_hours,
            memory_gib=found.memory_bytes / 2**30,
            storage_mib=found.storage_bytes / 2**20,
        )
    if isinstance(declared, DeclaredEvaluation):
        evaluation = evaluation_plan_of(name, settings)
        images = images_of_plan(evaluation, cache=cache_root(settings.data_dir))
        estimated = estimate_evaluation(evaluation, num_images=len(images.photographs))
        return Cost(
            num_trials=len(evaluation.attacks) * len(evaluation.defenses),
            core_hours=estimated.cpu_core_hours,
            gpu_hours=estimated.gpu_hours,
            memory_gib=estimated.memory_bytes / 2**30,
            storage_mib=estimated.storage_bytes / 2**20,
        )
    cost: MeasureCost = declared.cost[settings.scale]
    return Cost(
        num_trials=num_seeds_of(declared, settings),
        core_hours=cost.core_hours,
        gpu_hours=cost.gpu_hours,
        memory_gib=cost.memory_gib,
        storage_mib=cost.storage_mib,
    )
