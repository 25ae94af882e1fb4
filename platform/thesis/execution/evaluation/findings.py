"""The numbers of a declared evaluation, each with the images behind it."""

import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from thesis.execution.evaluation.adversarial_store import ATTACKED
from thesis.execution.evaluation.audit import failed_checks
from thesis.execution.evaluation.run import Evaluated
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis_workloads.contract.evaluation import CLEAN, NO_DEFENSE, parse_attacks
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.contract.evaluation_tables import Cell, DeclaredEvaluation
from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS

Row = Mapping[str, Any]
_PUBLISHED_NAMES = "ILSVRC2012_val_"  # of the images that the dissertation draws its own from


def findings_of(declared: DeclaredEvaluation, evaluated: Evaluated) -> Findings:
    """Returns every number of a table that was measured, as the mean over the images that entered.

    A cell over several attacks is the mean over them, image by image. What has no image (a destruction rate
    where the attack fooled nobody) is left out.
    """
    plan = evaluated.plan
    by_pair: dict[tuple[str, str], list[Row]] = {}
    for row in evaluated.rows.to_pylist():
        if row["status"] == ATTACKED:
            by_pair.setdefault((row["attack"], row["defense"]), []).append(row)
    found = [
        CellSamples(
            row=cell.row, column=cell.column, values=values, unit="image", is_quantity=cell.is_quantity
        )
        for cell in declared.cells
        if (values := _values(cell, by_pair, plan))
    ]
    left_out = len(declared.cells) - len(found)
    return Findings(
        data=data_used(declared, evaluated),
        cells=tuple(found),
        seeds=(plan.seed,),
        missing=tuple(_missing(left_out, evaluated)),
        notes=_notes(declared, evaluated),
    )


def data_used(declared: DeclaredEvaluation, evaluated: Evaluated) -> DataUsed:
    """Returns the images, and the classifier where it only stands in for the published one.

    Two stand-ins for different classifiers are different data, so no claim compares them.
    """
    plan, images = evaluated.plan, evaluated.images
    is_its_own = plan.classifier == declared.classifier
    name = images.name if is_its_own else f"{images.name}, {plan.classifier} for {declared.classifier}"
    names = [each.path.name for each in images.photographs]
    return DataUsed(
        name=name,
        version=f"{evaluated.counts['num_entered']} images",
        digest=images.digest,
        is_published=is_its_own and all(each.startswith(_PUBLISHED_NAMES) for each in names),
    )


def _values(
    cell: Cell, by_pair: Mapping[tuple[str, str], list[Row]], plan: EvaluationPlan
) -> dict[str, float]:
    measure = MEASURES[cell.measure]
    of_image: dict[str, list[float]] = {}
    for label in _labels(cell, plan):
        for row in by_pair.get((label, cell.defense), []):
            value = measure(row)
            if value is not None:
                of_image.setdefault(row["id"], []).append(cell.factor * value)
    return {name: statistics.fmean(values) for name, values in sorted(of_image.items())}


def _labels(cell: Cell, plan: EvaluationPlan) -> list[str]:
    """Returns the labels that a cell names; reading attacks always puts the clean images in front."""
    specs = parse_attacks(cell.attacks, ATTACK_SETTINGS[plan.scale])
    return [each.label for each in specs if each.name != CLEAN or CLEAN in cell.attacks]


def _missing(left_out: int, evaluated: Evaluated) -> Iterable[str]:
    if left_out:
        yield f"{left_out} numbers have no image behind them, or their attack or defence did not take part."
    if evaluated.problems:
        yield f"{len(evaluated.problems)} images could not be read, attacked or defended."


def _notes(declared: DeclaredEvaluation, evaluated: Evaluated) -> tuple[str, ...]:
    plan, counts = evaluated.plan, evaluated.counts
    lines = [
        f"{plan.classifier} gets {counts['num_entered']} of {counts['num_images']} images right; only those count."
    ]
    if plan.classifier != declared.classifier:
        lines.append(f"The dissertation's classifier is {declared.classifier}.")
    known = {row["defense"]: row for row in evaluated.summary if "adaptive_vote_accuracy" in row}
    if known:
        epsilon = next(iter(known.values()))["adaptive_epsilon"]
        shares = ", ".join(
            f"{name} {100 * row['adaptive_vote_accuracy']:.0f} %"
            for name, row in known.items()
            if name != NO_DEFENSE
        )
        lines.append(
            f"Before an attacker who knows the defence and changes no value by more than {255 * epsilon:.3g}/255,"
            f" the vote is right on: {shares}. The dissertation has no such attacker."
        )
    failed = failed_checks(evaluated.audit)
    lines += [
        f"The audit of that attacker failed for {name}: {'; '.join(each)}." for name, each in failed.items()
    ]
    return tuple(lines)


def _is_fooled(row: Row) -> bool:
    return bool(row["adversarial_prediction"] != row["label"])


def _if_fooled(value: Callable[[Row], bool]) -> Callable[[Row], float | None]:
    return lambda row: float(value(row)) if _is_fooled(row) else None


# Of one row: a share counts as 0 or 1; None where the image has no part in it.
MEASURES: Mapping[str, Callable[[Row], float | None]] = {
    "accuracy": lambda row: float(row["single"] == row["label"]),
    "vote_accuracy": lambda row: float(row["vote"] == row["label"]),
    "destruction": _if_fooled(lambda row: row["single"] == row["label"]),
    "vote_destruction": _if_fooled(lambda row: row["vote"] == row["label"]),
    "probability": lambda row: float(row["probability"]),
    "mse": lambda row: float(row["mse"]),
    "ssim": lambda row: float(row["ssim"]),
    "psnr": lambda row: float(row["psnr"]),
    "adversary_was_second": _if_fooled(lambda row: row["adversary_rank"] == 2),
    "adversary_was_2_to_5": _if_fooled(lambda row: 2 <= row["adversary_rank"] <= 5),
    "label_still_in_5": _if_fooled(lambda row: 1 <= row["label_rank"] <= 5),
    "seconds_a_draw": lambda row: row["defend_s"] / max(row["num_votes"], 1),
}
