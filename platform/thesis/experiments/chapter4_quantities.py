"""What claims of chapters 3 and 4 need and no table prints: which rows of which declared evaluation are which number.

A cell's column is the quantity's name, its row the arguments, as `claims.toml` writes them.
"""

from collections.abc import Mapping
from typing import Any

from thesis.experiments.chapter3 import CHAPTER_3_QUANTITIES
from thesis.experiments.chapter4 import EVALUATIONS
from thesis.experiments.declared_evaluation import Cell
from thesis.experiments.evaluation import CLEAN, NO_DEFENSE

_IGSM = ("igsm@0.03",)
_ALL_USUAL = EVALUATIONS["figure-4.6"].attacks


def _share(name: str, measure: str, **row: Any) -> Cell:
    return Cell(row=row, column=name, attacks=_ALL_USUAL, defense=NO_DEFENSE, measure=measure, factor=1.0)


def _time(defense: str, words: str) -> Cell:
    row = {"defense": words}
    measure = "seconds_a_draw"
    return Cell(
        row=row, column="defense_time", attacks=(CLEAN,), defense=defense, measure=measure, factor=1.0
    )


def _accuracy(defense: str, attacks: tuple[str, ...], measure: str, **row: Any) -> Cell:
    return Cell(row=row, column="accuracy", attacks=attacks, defense=defense, measure=measure)


def _probability(defense: str, deflections: int) -> Cell:
    row = {"input": "adversarial", "deflections": deflections}
    name = "true_class_probability"
    return Cell(row=row, column=name, attacks=_IGSM, defense=defense, measure="probability", factor=1.0)


QUANTITIES: Mapping[str, tuple[Cell, ...]] = {
    **CHAPTER_3_QUANTITIES,
    # Each with the classification of what it defended.
    "table-4.6": (_time("pd+rcam+dwt", "pd+rcam+dwt"), _time("tvm+quilting", "quilting+tvm")),
    "table-4.8": tuple(
        _accuracy(defense, EVALUATIONS["table-4.8"].attacks, "vote_accuracy", wavelet=wavelet)
        for wavelet, defense in (("db1", "bayes"), ("db2", "bayes-db2"), ("haar", "bayes-haar"))
    ),
    "figure-4.2": (
        _probability(NO_DEFENSE, 0),
        _probability("d100", 100),
        _accuracy(NO_DEFENSE, (CLEAN,), "accuracy", input="clean", deflected_share=0),
        _accuracy("pd-1%", (CLEAN,), "accuracy", input="clean", deflected_share=0.01),
    ),
    "figure-4.6": (
        _share("share_adversarial_class_at_clean_rank", "adversary_was_second", rank=2),
        _share("share_adversarial_class_in_clean_ranks", "adversary_was_2_to_5", first=2, last=5),
        _share("share_clean_class_in_adversarial_top5", "label_still_in_5"),
    ),
}
