"""What an evaluation of chapter 4 found, as samples: one value per image behind every printed cell."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from thesis.experiments.chapter4 import Cell, DeclaredEvaluation
from thesis.tracking.findings import CellSamples

Row = Mapping[str, Any]
_ENTERED = "attacked"  # status of an image that was classified right, attacked and defended
_PREDICTION = {
    "accuracy": "single",
    "vote_accuracy": "vote",
    "destruction": "single",
    "vote_destruction": "vote",
}


def evaluation_cells(declared: DeclaredEvaluation, rows: Sequence[Row]) -> tuple[CellSamples, ...]:
    """Returns every declared cell that the evaluation's rows, one per image, attack and defence, have.

    A destruction rate counts only images that the attack fooled; a mean over several attacks is taken image
    by image.
    """
    entered: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["status"] == _ENTERED:
            entered.setdefault((row["attack"], row["defense"]), []).append(row)
    cells = (_cell(cell, entered) for cell in declared.cells)
    return tuple(cell for cell in cells if cell is not None)


def _cell(cell: Cell, entered: Mapping[tuple[str, str], Sequence[Row]]) -> CellSamples | None:
    values: dict[str, list[float]] = {}
    for attack in cell.attacks:
        for row in entered.get((attack, cell.defense), ()):
            value = _value(cell, row)
            if math.isfinite(value):
                values.setdefault(str(row["id"]), []).append(cell.factor * value)
    if not values:
        return None
    means = {image: fmean(found) for image, found in values.items()}
    return CellSamples(row=cell.row, column=cell.column, values=means, unit="image")


def _value(cell: Cell, row: Row) -> float:
    if cell.measure.endswith("destruction") and row["adversarial_prediction"] == row["label"]:
        return math.nan  # the attack did not fool the classifier
    return float(row[_PREDICTION[cell.measure]] == row["label"])
