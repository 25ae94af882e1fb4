"""An evaluation from its plan to its last file."""

from pathlib import Path

from thesis.execution.evaluation.attack_stage import ClassifierSource
from thesis.execution.evaluation.images import ImageSet
from thesis.execution.evaluation.run import (
    Evaluated,
    EvaluationOptions,
    EvaluationOutcome,
    Watch,
    catalog_source,
    run_evaluation,
)
from thesis.reporting.evaluation.publish import write_evaluation
from thesis_workloads.contract.evaluation_plan import EvaluationPlan


def evaluate(
    plan: EvaluationPlan,
    options: EvaluationOptions,
    *,
    watch: Watch,
    source: ClassifierSource | None = None,
    images: ImageSet | None = None,
) -> EvaluationOutcome:
    """Runs an evaluation and writes its rows, tables and figures.

    Args:
        plan: attacks, defenses, classifier and images.
        options: where results go and how many processes there are.
        watch: shows how many rows are done while it lasts.
        source: the classifier; None takes the plan's from the catalog.
        images: the images; None reads the plan's.

    Raises:
        UserError: if the classifier or the images are not there.
    """
    source = source or catalog_source(plan.classifier, weights=plan.weights)
    return run_evaluation(plan, options, source, watch=watch, conclude=_write, images=images)


def _write(results: Path, evaluated: Evaluated) -> None:
    write_evaluation(
        results,
        summary=evaluated.summary,
        curves=evaluated.curves,
        rows=evaluated.rows.to_pylist(),
        images=evaluated.pictures,
        audit=evaluated.audit,
        probes=evaluated.probes,
        defenses=evaluated.plan.defenses,
    )
