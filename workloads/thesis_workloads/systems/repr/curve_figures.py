"""Figures 5.1 and 5.7 to 5.9 as declared runs of RePr, epoch by epoch: data only.

What the dissertation leaves open, and what is declared:
- Its curves of figures 5.1, 5.7 and 5.8 are on the test part while training; here they are on the held-out part,
  and the test part is read once, after the last epoch.
- Points of figure 5.1: C is the last epoch before the first pruning, D the last of the first sub-network phase,
  E five epochs after its filters are back, F the last epoch of the third sub-network phase.
- Figure 5.7 names rates for SGD: 0.1, 0.01 and 0.001, and a triangle from 0.001.
"""

from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredRuns, RunCell
from thesis_workloads.systems.repr.figures import declared_figure, quantity_cell
from thesis_workloads.systems.repr.settings import STANDARD, Overrides

_EPOCHS = 100
_SCHEDULES: dict[str, Overrides] = {
    "stepped": {"schedule": "steps", "learning_rate": 0.1},
    "cyclical": {"schedule": "cyclic", "learning_rate": 0.001},
}
_TRAININGS: dict[str, Overrides] = {
    "standard": STANDARD,
    "repr-oracle": {"metric": "oracle"},
    "repr-ortho": {},
}
_TEACHER: Overrides = {"teacher": "c3-64", "teacher_epochs": _EPOCHS, "epochs": 2 * _EPOCHS}
_POINTS = {"C": 20, "D": 30, "E": 35, "F": 90}


def _curve(run: str, row: Mapping[str, Any], *metrics: str, factor: float = 100.0) -> tuple[RunCell, ...]:
    """Returns a cell per epoch and metric, its column named after the metric."""
    return tuple(
        RunCell(
            row={**row, "epoch": epoch},
            column=metric.replace("/", "_"),
            run=run,
            dataset="cifar-10",
            metric=metric,
            factor=factor,
            epoch=epoch,
        )
        for metric in metrics
        for epoch in range(1, _EPOCHS + 1)
    )


def _phases(run: str, row: Mapping[str, Any]) -> tuple[RunCell, ...]:
    """Returns a cell per epoch, 1 where a sub-network is trained."""
    return _curve(run, row, "repr/phase", factor=1.0)


def _epoch_curves(*columns: tuple[str, str], line: str = "training") -> tuple[Curves, ...]:
    return tuple(
        Curves(x="epoch", x_label="epoch", y=column, y_label=label, line=line, shaded="repr_phase")
        for column, label in columns
    )


CURVE_FIGURES: dict[str, DeclaredRuns] = {
    "figure-5.1": declared_figure(
        "figure-5.1",
        "Standard training and RePr with the oracle, epoch by epoch",
        {"standard": STANDARD, "repr": {"metric": "oracle"}},
        (
            *_curve("standard", {"training": "standard"}, "train/accuracy", "val/accuracy"),
            *_curve("repr", {"training": "repr"}, "train/accuracy", "val/accuracy"),
            *_phases("repr", {"training": "repr"}),
            *(
                quantity_cell(
                    "test_accuracy", run, {"training": run, "network": "c3-32", "dataset": "cifar-10"}
                )
                for run in ("standard", "repr")
            ),
            *(
                quantity_cell(
                    "train_accuracy",
                    run,
                    {"training": run, "network": "c3-32"},
                    metric="train/accuracy",
                )
                for run in ("standard", "repr")
            ),
            *(
                quantity_cell("test_accuracy", "repr", {"point": point}, metric="val/accuracy", epoch=epoch)
                for point, epoch in _POINTS.items()
            ),
            *(
                quantity_cell(
                    "test_accuracy",
                    "standard",
                    {"training": "standard", "epoch": point},
                    metric="val/accuracy",
                    epoch=_POINTS[point],
                )
                for point in ("C", "E")
            ),
        ),
        curves=_epoch_curves(
            ("train_accuracy", "training accuracy, %"), ("val_accuracy", "held-out accuracy, %")
        ),
        notes=("Accuracies at a point of figure 5.1 are of the held-out part.",),
    ),
    "figure-5.7": declared_figure(
        "figure-5.7",
        "Stepped and cyclical learning rates",
        {
            f"{schedule}-{name}": {**settings, **_TRAININGS[name]}
            for schedule, settings in _SCHEDULES.items()
            for name in ("standard", "repr-ortho")
        },
        tuple(
            cell
            for schedule in _SCHEDULES
            for name, run in {"standard": "standard", "repr": "repr-ortho"}.items()
            for cell in (
                *_curve(
                    f"{schedule}-{run}", {"training": f"{name}, {schedule}", "of": schedule}, "val/accuracy"
                ),
                quantity_cell("test_accuracy", f"{schedule}-{run}", {"training": name, "schedule": schedule}),
            )
        )
        + _phases("stepped-repr-ortho", {"training": "repr, stepped", "of": "stepped"}),
        curves=_epoch_curves(("val_accuracy", "held-out accuracy, %")),
    ),
    "figure-5.8": declared_figure(
        "figure-5.8",
        "Dropout",
        {
            f"{name}-{dropout:g}": {**settings, "dropout": dropout}
            for dropout in (0.0, 0.5)
            for name, settings in _TRAININGS.items()
        },
        tuple(
            cell
            for dropout in (0.0, 0.5)
            for name in _TRAININGS
            for cell in (
                *_curve(f"{name}-{dropout:g}", {"training": f"{name}, dropout {dropout:g}"}, "val/accuracy"),
                quantity_cell("test_accuracy", f"{name}-{dropout:g}", {"training": name, "dropout": dropout}),
            )
        )
        + _phases("repr-ortho-0", {"training": "repr-ortho, dropout 0"}),
        curves=_epoch_curves(("val_accuracy", "held-out accuracy, %")),
    ),
    "figure-5.9": declared_figure(
        "figure-5.9",
        "Overlap of the filters while training, without and with distillation",
        {
            **_TRAININGS,
            **{f"{name}-kd": {**settings, **_TEACHER} for name, settings in _TRAININGS.items()},
        },
        tuple(
            cell
            for name in _TRAININGS
            for kd in (False, True)
            for cell in (
                *(
                    RunCell(
                        row={"training": name + (" with distillation" if kd else ""), "epoch": epoch},
                        column="ortho_sum",
                        run=f"{name}-kd" if kd else name,
                        dataset="cifar-10",
                        metric="repr/ortho_sum",
                        factor=1.0,
                        epoch=epoch + (_EPOCHS if kd else 0),
                    )
                    for epoch in range(1, _EPOCHS + 1)
                ),
                quantity_cell(
                    "ortho_sum",
                    f"{name}-kd" if kd else name,
                    {"training": name, "kd": kd},
                    metric="repr/ortho_sum",
                    factor=1.0,
                ),
                quantity_cell(
                    "ortho_sum_drop",
                    f"{name}-kd" if kd else name,
                    {"training": name, "kd": kd},
                    metric="repr/ortho_sum",
                    factor=1.0,
                    epoch=1 + (_EPOCHS if kd else 0),
                    minus_epoch=_EPOCHS * (2 if kd else 1),
                ),
            )
        )
        + _phases("repr-ortho", {"training": "repr-ortho"}),
        curves=_epoch_curves(("ortho_sum", "sum of equation 5.2 over all filters")),
        notes=("While a sub-network trains, the sum is over its filters.",),
    ),
}
