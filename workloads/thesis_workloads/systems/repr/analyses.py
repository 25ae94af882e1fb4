"""Figures 5.2, 5.3 and 5.11 as declared measurements: what trained networks hold. Data only.

What the dissertation leaves open, and what is declared:
- A pair of filters has one number: the mean of its canonical correlations. Maps are averaged to a grid of
  ``cells`` x ``cells`` first, over ``num_images`` held-out images.
- Figures 5.2 and 5.11 are of C^2(32). The annealed rate of section 5.3 is the stepped one of figure 5.7; figure
  5.11 compares runs of the settings of section 5.4.
- Figure 5.3 is of C^3(32) after standard training. Its oracle and correlations are over the filters of all layers.
  An early network is one of S1 epochs, when RePr first ranks.
- "For a random orthogonal matrix any value above 0.3 is an anomaly": such a matrix is read as activations that
  have nothing to do with each other. Networks with random orthogonal filters stand next to it, since what filters
  see of one image is alike by itself.
"""

from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredMeasurement, MeasureCost, Overrides
from thesis_workloads.systems.repr.settings import SEEDS, SHALLOW, STAND_IN, STANDARD

BOUND = 0.3
"""Canonical correlation beyond which the dissertation calls a value an anomaly (section 5.3)."""

_SCALES = ("smoke", "small", "paper")
_CONFIG: dict[str, Overrides] = {
    "smoke": {"data": "digits", "num_train": 100, "num_val": 100, "epochs": 8, "s1": 1, "s2": 1},
    "small": {"data": "digits", **SHALLOW["small"]},
    "paper": {"data": "cifar10", "num_train": 0, "num_val": 5000},
}
_GRID = {"smoke": {"cells": 2}, "small": {"cells": 3}, "paper": {"cells": 4}}
_NUM_IMAGES = {"smoke": 100, "small": 500, "paper": 2000}
_ANNEALED: Overrides = {"schedule": "steps", "learning_rate": 0.1}
_SEEN = (
    "The picture shows the filters of the first seed: below the diagonal those of layer 1, above it those of layer 2.",
)


def _settings(model: str, trainings: dict[str, Overrides], **more: Any) -> dict[str, Overrides]:
    return {
        scale: {
            "config": {**_CONFIG[scale], "model": model},
            "trainings": trainings,
            "num_images": _NUM_IMAGES[scale],
            **_GRID[scale],
            **more,
        }
        for scale in _SCALES
    }


def _cost(*, small: float, paper: float) -> dict[str, MeasureCost]:
    return {
        "smoke": MeasureCost(core_hours=0.003),
        "small": MeasureCost(core_hours=small),
        "paper": MeasureCost(core_hours=paper, memory_gib=6.0),
    }


DECLARED: dict[str, DeclaredMeasurement] = {
    "figure-5.2": DeclaredMeasurement(
        title="Canonical correlations of two layers' activations, and what each filter is worth",
        table="figure-5.2",
        system="repr",
        settings=_settings("c2-32", {"standard": {**STANDARD, **_ANNEALED}}, above=BOUND),
        num_seeds=SEEDS,
        cost=_cost(small=0.02, paper=5.0),
        notes=(STAND_IN, *_SEEN),
    ),
    "figure-5.3": DeclaredMeasurement(
        title="Correlation of the metrics with the greedy oracle",
        table="figure-5.3",
        system="repr",
        settings={
            scale: {**settings, "early": 2 if scale == "smoke" else 20}
            for scale, settings in _settings("c3-32", {"standard": STANDARD}).items()
        },
        num_seeds=SEEDS,
        notes=(STAND_IN,),
        cost=_cost(small=0.03, paper=9.0),
        curves=(
            Curves(
                x="metric",
                x_label="ranking metric",
                y="correlation",
                y_label="Pearson's r with the oracle",
                line="of",
            ),
        ),
    ),
    "figure-5.11": DeclaredMeasurement(
        title="Canonical correlations of two layers' activations after standard training and RePr",
        table="figure-5.11",
        system="repr",
        settings=_settings(
            "c2-32",
            {
                "standard": STANDARD,
                "repr": {"n": 3},
                "repr, first layer ranked too": {"n": 3, "rank_first_conv": True},
            },
            above=BOUND,
        ),
        num_seeds=SEEDS,
        cost=_cost(small=0.06, paper=14.0),
        notes=(STAND_IN, *_SEEN),
    ),
}
