"""Figures 4.1-4.6 as declared evaluations, and the attacker who knows the defence: data only.

Their cells are what claims need and no table prints. Figure 4.5 is ``thesis sweep pixel-deflection``.
"""

from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.evaluation import CLEAN, NO_DEFENSE
from thesis_workloads.contract.evaluation_tables import Cell, DeclaredEvaluation
from thesis_workloads.systems.pixel_deflection.tables import COUNTS, USUAL, accuracy_quantity, labels


def _rank_share(name: str, measure: str, **row: Any) -> Cell:
    return Cell(
        row=row,
        column=name,
        attacks=labels(USUAL),
        defense=NO_DEFENSE,
        measure=measure,
        factor=1.0,
        is_quantity=True,
    )


def _probability(defense: str, deflections: int) -> Cell:
    row = {"input": "adversarial", "deflections": deflections}
    name = "true_class_probability"
    return Cell(
        row=row,
        column=name,
        attacks=("igsm@0.03",),
        defense=defense,
        measure="probability",
        factor=1.0,
        is_quantity=True,
    )


_EVALUATIONS = (
    DeclaredEvaluation(
        name="figure-4.1",
        title="An image deflected, its difference, and the difference after denoising",
        classifier="resnet-50",
        attacks=(),
        defenses=("d100", "d1000", "d10000"),
    ),
    DeclaredEvaluation(
        name="figure-4.2",
        title="Probability of the right class against deflections, clean and attacked",
        classifier="resnet-50",
        attacks=("igsm@0.03",),
        defenses=(*COUNTS.values(), "pd-1%"),
        cells=(
            _probability(NO_DEFENSE, 0),
            _probability("d100", 100),
            accuracy_quantity(NO_DEFENSE, (CLEAN,), "accuracy", input="clean", deflected_share=0),
            accuracy_quantity("pd-1%", (CLEAN,), "accuracy", input="clean", deflected_share=0.01),
        ),
    ),
    DeclaredEvaluation(
        name="figure-4.3",
        title="Where attacks change the image",
        classifier="resnet-50",
        attacks=("fgsm@0.02", "igsm@0.03", "fgsm@0.12", "deepfool", "jsma", "lbfgs", "cw"),
        defenses=(),
    ),
    DeclaredEvaluation(
        name="figure-4.4",
        title="Activation maps and robust activation maps under attack",
        classifier="resnet-50",
        attacks=("igsm@0.03", "cw"),
        defenses=(),
    ),
    DeclaredEvaluation(
        name="figure-4.6",
        title="Rank of the wrong class before the attack, and of the right class after it",
        classifier="resnet-50",
        attacks=labels(USUAL),
        defenses=(),
        cells=(
            _rank_share("share_adversarial_class_at_clean_rank", "adversary_was_second", rank=2),
            _rank_share("share_adversarial_class_in_clean_ranks", "adversary_was_2_to_5", first=2, last=5),
            _rank_share("share_clean_class_in_adversarial_top5", "label_still_in_5"),
        ),
    ),
    DeclaredEvaluation(
        name="adaptive",
        title="An attacker who knows the defence: accuracy against epsilon, and the audit of the attacker",
        classifier="resnet-50",
        attacks=tuple(f"pgd:{epsilon}/255" for epsilon in (0.125, 0.25, 0.5, 4)),
        defenses=("pixel-deflection",),
        has_curves=True,
    ),
)

DECLARED: Mapping[str, DeclaredEvaluation] = {each.name: each for each in _EVALUATIONS}
