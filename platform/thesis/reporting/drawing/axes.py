"""The place of a hyperparameter's values along an axis, the same in every figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.ticker import MaxNLocator

from thesis.reporting.drawing.labels import format_value

MAX_TICKED_VALUES = 8  # more distinct numbers than this are drawn on a continuous scale
LOG_RATIO = 30.0  # of the largest to the smallest value


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The place of each value along an axis."""

    kind: Literal["ticked", "linear", "log"]  # ticked: one evenly spaced tick per distinct value
    values: tuple[Any, ...]  # distinct and in order

    def position(self, value: Any) -> float:
        """Returns the index of a ticked value, or the number itself."""
        return float(self.values.index(value)) if self.kind == "ticked" else float(value)

    def fraction(self, value: Any) -> float:
        """Returns the position in 0..1, in the middle where there is one value only."""
        place, low, high = (self._linear(item) for item in (value, self.values[0], self.values[-1]))
        return 0.5 if high == low else (place - low) / (high - low)

    def ticks(self) -> list[Any]:
        """Returns the values to label: all of a ticked scale, else round numbers between the ends."""
        if self.kind == "ticked":
            return list(self.values)
        low, high = float(self.values[0]), float(self.values[-1])
        if self.kind == "linear":
            candidates = [float(value) for value in MaxNLocator(6).tick_values(low, high)]
        else:
            decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            candidates = [step * 10.0**decade for decade in decades for step in (1, 3)]
        return [float(f"{value:.6g}") for value in candidates if low <= value <= high]

    def labels(self) -> list[str]:
        """Returns the label of every tick."""
        return [format_value(value) for value in self.ticks()]

    def _linear(self, value: Any) -> float:
        return math.log(float(value)) if self.kind == "log" else self.position(value)


def scale_for(values: Sequence[Any]) -> Scale:
    """Returns the scale for these values of one hyperparameter."""
    distinct = list(dict.fromkeys(values))
    if not all(isinstance(value, (int, float)) for value in distinct):
        return Scale(kind="ticked", values=tuple(sorted(distinct, key=str)))
    ordered = tuple(sorted(distinct))
    if len(ordered) <= MAX_TICKED_VALUES:
        return Scale(kind="ticked", values=ordered)
    is_wide = ordered[0] > 0 and ordered[-1] / ordered[0] >= LOG_RATIO
    return Scale(kind="log" if is_wide else "linear", values=ordered)
