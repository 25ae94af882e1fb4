"""Where RePr pays: its gain against label noise, number of images and learning rate. A study of this project's own.

The dissertation has no such table. It reports a gain where standard training over-fits by some twenty points
(section 5.1); public re-implementations of RePr agree on that and on little else: a gain at a low rate without
augmentation, a loss at a tuned one (siahuat0727/RePr). One setting at a time is varied around the centre, on digits at
``small``, on Fashion-MNIST at ``paper``. The controls are those of ``thesis sweep repr --controls``.

Public numbers to set beside it (siahuat0727/RePr, README; C^3(32) on CIFAR-10, 200 epochs, six rounds, one
seed, best epoch by test accuracy): rate 0.003 without augmentation, standard 64.86, RePr 69.05.
"""

from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredRuns, Overrides, RunCell
from thesis_workloads.systems.repr.settings import STANDARD

_NOISE = (0.0, 0.15, 0.3, 0.45, 0.6)
_IMAGES = {"small": (100, 200), "paper": (1000, 3000)}
_RATES = (0.001, 0.003, 0.03)
_METHOD: Overrides = {"s1": 10, "s2": 10, "p": 30.0, "n": 4}  # as the sweep at the scale `small`
_TRAININGS: dict[str, Overrides] = {
    "standard": {**STANDARD},
    "repr": {},
    "dropout": {**STANDARD, "dropout": 0.5},
    "random-filters": {"metric": "random"},
    "later-layers": {"scheme": "later-layers"},
}


def _regimes() -> dict[str, tuple[str, Overrides]]:
    """Returns by name what is varied, and how."""
    found: dict[str, tuple[str, Overrides]] = {
        f"noise={noise:g}": ("label noise", {"label_noise": noise}) for noise in _NOISE
    }
    for counts in _IMAGES.values():
        found |= {f"images={count}": ("training images", {"num_train": count}) for count in counts}
    return found | {f"rate={rate:g}": ("learning rate", {"learning_rate": rate}) for rate in _RATES}


def _cells(regime: str, varied: str) -> tuple[RunCell, ...]:
    row = {"regime": regime, "varied": varied}

    def cell(column: str, training: str, **others: Any) -> RunCell:
        return RunCell(row=row, column=column, run=f"{regime} {training}", dataset="own", **others)

    standard = f"{regime} standard"
    return (
        cell("standard", "standard"),
        cell("standard_gap", "standard", metric="test/gap"),
        cell("repr", "repr"),
        cell("repr_train", "repr", metric="train/accuracy"),
        cell("standard_best_epoch", "standard", metric="best/test_accuracy"),
        cell("repr_best_epoch", "repr", metric="best/test_accuracy"),
        *(cell(f"{name}_gain", name, minus=standard) for name in _TRAININGS if name != "standard"),
        *(
            cell(f"repr_over_{name}", "repr", minus=f"{regime} {name}")
            for name in ("dropout", "random-filters", "later-layers")
        ),
    )


def _runs_of(scale: str) -> tuple[str, ...]:
    others = {f"images={count}" for at, counts in _IMAGES.items() if at != scale for count in counts}
    names = {"smoke": ("noise=0", "noise=0.3")}.get(scale, tuple(_regimes()))
    return tuple(f"{name} {training}" for name in names if name not in others for training in _TRAININGS)


_SETTINGS: Overrides = {**_METHOD, "label_noise": 0.3, "learning_rate": 0.01}

STUDY: dict[str, DeclaredRuns] = {
    "repr-regime": DeclaredRuns(
        title="Gain of RePr against noise, images and rate (this project's study, not in the dissertation)",
        table="repr-regime",
        runs={
            f"{name} {training}": {**changed, **settings}
            for name, (_, changed) in _regimes().items()
            for training, settings in _TRAININGS.items()
        },
        cells=tuple(cell for name, (varied, _) in _regimes().items() for cell in _cells(name, varied)),
        settings={
            "smoke": {
                **_SETTINGS,
                "model": "c3-8",
                "num_train": 100,
                "num_val": 100,
                "epochs": 9,
                "s1": 2,
                "s2": 1,
            },
            "small": {**_SETTINGS, "num_train": 300, "num_val": 500},
            "paper": {**_SETTINGS, "num_train": 10_000, "num_val": 5000},
        },
        data={
            "smoke": {"own": "digits"},
            "small": {"own": "digits"},
            "paper": {"own": "fashion-mnist"},
        },
        num_seeds={"smoke": 1, "small": 3, "paper": 3},
        only={scale: _runs_of(scale) for scale in ("smoke", "small", "paper")},
        curves=(
            Curves(
                x="regime",
                x_column="standard_gap",
                x_label="gap of standard training, points",
                y="repr_gain",
                y_label="RePr over standard, points of test accuracy",
                line="varied",
            ),
            Curves(
                x="regime",
                x_column="standard_gap",
                x_label="gap of standard training, points",
                y="repr_over_dropout",
                y_label="RePr over dropout, points of test accuracy",
                line="varied",
            ),
        ),
        notes=(
            "A study of this project: the dissertation prints no such numbers.",
            "The gap is training minus test accuracy after the last epoch; training labels are noisy, test labels "
            "are not. Around 30 % noise, rate 0.01 and the scale's number of images one setting is varied at a time.",
        ),
    )
}
