"""Figures 8.1 and 8.3 as declared measurements: data only.

Figure 8.3 shows four hops; the same runs give the numbers that the claims of chapter 8 need next to table 8.3.
"""

from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.tables import SCALES, Curves, DeclaredMeasurement, MeasureCost, Overrides
from thesis_workloads.systems.condensed_memory.tables import DATA, SETTINGS

_ONCE = dict.fromkeys(SCALES, 1)
_SEEDS = {"smoke": 1, "small": 3, "paper": 3}


def _notes(**more: Mapping[str, Any]) -> dict[str, Overrides]:
    return {
        scale: {
            "config": {
                **SETTINGS[scale],
                "data": DATA[scale]["mimic-iii"],
                "num_labels": 10 if scale == "smoke" else 50,
                "hops": 4,
            },
            **{key: value[scale] for key, value in more.items()},
        }
        for scale in SCALES
    }


_READING = {
    scale: MeasureCost(core_hours=hours) for scale, hours in zip(SCALES, (0.002, 0.002, 1.0), strict=True)
}

DECLARED: dict[str, DeclaredMeasurement] = {
    "figure-8.1": DeclaredMeasurement(
        title="Diagnoses of a note",
        table="figure-8.1",
        system="condensed-memory",
        settings=_notes(
            num_labels={"smoke": 30, "small": 110, "paper": 100},
            tops={"smoke": (10,), "small": (50, 100), "paper": (50, 100)},
        ),
        num_seeds=_ONCE,
        cost=_READING,
        notes=("diagnoses that are no label of the set are not counted",),
        curves=(
            Curves(
                x="diagnoses",
                x_label="diagnoses of a note",
                y="share",
                y_label="share of notes",
                line="dataset",
            ),
        ),
    ),
    "figure-8.3": DeclaredMeasurement(
        title="Precision at five on held-out notes, by epoch, four hops",
        table="figure-8.3",
        system="condensed-memory",
        settings=_notes(),
        num_seeds=_SEEDS,
        cost={
            "smoke": MeasureCost(core_hours=0.005),
            "small": MeasureCost(core_hours=0.06),
            "paper": MeasureCost(core_hours=2.0, gpu_hours=20.0),
        },
        curves=(
            Curves(x="epoch", x_label="epoch", y="precision", y_label="precision at five", line="model"),
        ),
    ),
}
