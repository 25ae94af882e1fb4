"""Figures 5.1 and 5.4 to 5.10 as declared runs of RePr: data only.

Figures 5.2, 5.3 and 5.11 look inside trained networks; they are measurements (`repr_analyses`).

What the text leaves open, and what is declared:
- The curves of figures 5.1, 5.7 and 5.8 are on the test part while training; here they are on the held-out part,
  and the test part is read once, after the last epoch.
- Points of figure 5.1: C is the last epoch before the first pruning, D the last of the first sub-network phase,
  E five epochs after its filters are back, F the last epoch of the third sub-network phase.
- Figure 5.5: every N has the same budget of epochs, which is that of the largest.
- Figure 5.7 names rates for SGD: 0.1, 0.01 and 0.001, and a triangle from 0.001.
"""

from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredRuns, RunCell
from thesis_workloads.systems.repr.settings import (
    CIFAR10,
    LIMITS,
    PUBLISHED,
    SEEDS,
    SHALLOW,
    STAND_IN,
    STANDARD,
    Overrides,
)

_EPOCHS = 100
_SHARES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
_ROUNDS = (1, 2, 3, 10, 28)
_LENGTHS = (1, 5, 10, 20, 30, 40, 50)
_DEPTHS = tuple(range(1, 21))
_FEW_DEPTHS = (1, 2, 3, 5, 8, 13, 18)
_OPTIMIZERS: dict[str, Overrides] = {
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": "momentum", "learning_rate": 0.005},
    "adam": {"optimizer": "adam", "learning_rate": 0.001},
}
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


def _declared(
    figure: str, title: str, runs: Mapping[str, Overrides], cells: tuple[RunCell, ...], **others: Any
) -> DeclaredRuns:
    """Returns a figure on CIFAR-10, or what stands for it, with the small networks' settings."""
    values: dict[str, Any] = {
        "settings": SHALLOW,
        "data": CIFAR10,
        "num_seeds": SEEDS,
        "limits": LIMITS,
        "published_data": PUBLISHED,
    }
    others["notes"] = (STAND_IN, *others.get("notes", ()))
    return DeclaredRuns(title=title, table=figure, runs=runs, cells=cells, **{**values, **others})


def _with_epochs(epochs: int) -> dict[str, Overrides]:
    return {
        scale: settings if scale == "smoke" else {**settings, "epochs": epochs}
        for scale, settings in SHALLOW.items()
    }


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


def _accuracy(run: str, row: Mapping[str, Any], **others: Any) -> RunCell:
    return RunCell(row=row, column="accuracy", run=run, dataset="cifar-10", **others)


def _quantity(name: str, run: str, row: Mapping[str, Any], **others: Any) -> RunCell:
    return RunCell(row=row, column=name, run=run, dataset="cifar-10", is_quantity=True, **others)


def _epoch_curves(*columns: tuple[str, str], line: str = "training") -> tuple[Curves, ...]:
    return tuple(
        Curves(x="epoch", x_label="epoch", y=column, y_label=label, line=line, shaded="repr_phase")
        for column, label in columns
    )


FIGURES: dict[str, DeclaredRuns] = {
    "figure-5.1": _declared(
        "figure-5.1",
        "Standard training and RePr with the oracle, epoch by epoch",
        {"standard": STANDARD, "repr": {"metric": "oracle"}},
        (
            *_curve("standard", {"training": "standard"}, "train/accuracy", "val/accuracy"),
            *_curve("repr", {"training": "repr"}, "train/accuracy", "val/accuracy"),
            *_phases("repr", {"training": "repr"}),
            *(
                _quantity("test_accuracy", run, {"training": run, "network": "c3-32", "dataset": "cifar-10"})
                for run in ("standard", "repr")
            ),
            *(
                _quantity(
                    "train_accuracy",
                    run,
                    {"training": run, "network": "c3-32"},
                    metric="train/accuracy",
                )
                for run in ("standard", "repr")
            ),
            *(
                _quantity("test_accuracy", "repr", {"point": point}, metric="val/accuracy", epoch=epoch)
                for point, epoch in _POINTS.items()
            ),
            *(
                _quantity(
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
    "figure-5.4": _declared(
        "figure-5.4",
        "Share of the filters that is pruned",
        {"standard": STANDARD, **{f"p={p:g}": {"p": p} for p in _SHARES}},
        (
            _accuracy("standard", {"p": 0.0}),
            *(_accuracy(f"p={p:g}", {"p": p}) for p in _SHARES),
            *(_quantity("test_accuracy", f"p={p:g}", {"p_percent": int(p)}) for p in _SHARES),
        ),
        curves=(Curves(x="p", x_label="pruned filters, %", y="accuracy", y_label="test accuracy, %"),),
        notes=("The text averages over epochs while training; this is the accuracy after the last one.",),
    ),
    "figure-5.5": _declared(
        "figure-5.5",
        "Number of rounds N",
        {"standard": STANDARD, **{f"n={n}": {"n": n} for n in _ROUNDS}},
        (
            _accuracy("standard", {"n": 0, "part": "test"}),
            _accuracy("standard", {"n": 0, "part": "training"}, metric="train/accuracy"),
            *(_accuracy(f"n={n}", {"n": n, "part": "test"}) for n in _ROUNDS),
            *(_accuracy(f"n={n}", {"n": n, "part": "training"}, metric="train/accuracy") for n in _ROUNDS),
            *(_quantity("test_accuracy", f"n={n}", {"n": n}) for n in _ROUNDS),
            *(_quantity("generalization_gap", f"n={n}", {"n": n}, metric="test/gap") for n in _ROUNDS),
            *(
                _quantity("gain_of_round", f"n={n}", {"n": n}, minus="standard" if n == 1 else f"n={n - 1}")
                for n in (1, 2, 3)
            ),
        ),
        settings=_with_epochs(850),
        num_seeds={**SEEDS, "small": 3},
        curves=(Curves(x="n", x_label="rounds N", y="accuracy", y_label="accuracy, %", line="part"),),
        notes=("Every number of rounds has 850 epochs, which 28 rounds need; smoke has eight.",),
        limits={"smoke": {**LIMITS["smoke"], "n": 3}},
    ),
    "figure-5.6": _declared(
        "figure-5.6",
        "Optimizers, and S1 = S2",
        {
            "standard": STANDARD,
            **{f"{name}-standard": {**STANDARD, **each} for name, each in _OPTIMIZERS.items()},
            **{f"{name}-repr": each for name, each in _OPTIMIZERS.items()},
            **{f"s={length}": {"s1": length, "s2": length, "epochs": 310} for length in _LENGTHS},
            "long-standard": {**STANDARD, "epochs": 310},
        },
        (
            *(
                RunCell(
                    row={"optimizer": name},
                    column="gain",
                    run=f"{name}-repr",
                    minus=f"{name}-standard",
                    dataset="cifar-10",
                )
                for name in _OPTIMIZERS
            ),
            *(
                _quantity("improvement", f"{name}-repr", {"optimizer": name}, minus=f"{name}-standard")
                for name in _OPTIMIZERS
            ),
            _accuracy("long-standard", {"s": 0}),
            *(_accuracy(f"s={length}", {"s": length}) for length in _LENGTHS),
            *(_quantity("test_accuracy", f"s={length}", {"s1": length, "s2": length}) for length in _LENGTHS),
        ),
        curves=(
            Curves(x="optimizer", x_label="optimizer", y="gain", y_label="gain over standard, points"),
            Curves(x="s", x_label="S1 = S2, epochs; 0: standard", y="accuracy", y_label="test accuracy, %"),
        ),
        notes=("Runs of different S1 = S2 have 310 epochs, which three rounds of the longest need.",),
    ),
    "figure-5.7": _declared(
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
                _quantity("test_accuracy", f"{schedule}-{run}", {"training": name, "schedule": schedule}),
            )
        )
        + _phases("stepped-repr-ortho", {"training": "repr, stepped", "of": "stepped"}),
        curves=_epoch_curves(("val_accuracy", "held-out accuracy, %")),
    ),
    "figure-5.8": _declared(
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
                _quantity("test_accuracy", f"{name}-{dropout:g}", {"training": name, "dropout": dropout}),
            )
        )
        + _phases("repr-ortho-0", {"training": "repr-ortho, dropout 0"}),
        curves=_epoch_curves(("val_accuracy", "held-out accuracy, %")),
    ),
    "figure-5.9": _declared(
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
                _quantity(
                    "ortho_sum",
                    f"{name}-kd" if kd else name,
                    {"training": name, "kd": kd},
                    metric="repr/ortho_sum",
                    factor=1.0,
                ),
                _quantity(
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
    "figure-5.10": _declared(
        "figure-5.10",
        "Depth of plain networks",
        {
            # The only layer of C^1 is the first: it is ranked there, as there is no other to prune.
            f"{depth}-{name}": {**settings, "model": f"c{depth}-32", "rank_first_conv": depth == 1}
            for depth in _DEPTHS
            for name, settings in {"standard": STANDARD, "repr": {}}.items()
        },
        tuple(
            cell
            for depth in _DEPTHS
            for cell in (
                RunCell(
                    row={"layers": depth},
                    column="gain",
                    run=f"{depth}-repr",
                    minus=f"{depth}-standard",
                    dataset="cifar-10",
                ),
                *(
                    RunCell(
                        row={"layers": depth, "training": name},
                        column="accuracy",
                        run=f"{depth}-{name}",
                        dataset="cifar-10",
                    )
                    for name in ("standard", "repr")
                ),
            )
        ),
        only={
            "smoke": tuple(f"{depth}-{name}" for depth in (1, 2) for name in ("standard", "repr")),
            "small": tuple(f"{depth}-{name}" for depth in _FEW_DEPTHS for name in ("standard", "repr")),
        },
        num_seeds={**SEEDS, "small": 3},
        curves=(
            Curves(x="layers", x_label="layers n of C^n(32)", y="gain", y_label="gain over standard, points"),
            Curves(
                x="layers",
                x_label="layers n of C^n(32)",
                y="accuracy",
                y_label="test accuracy, %",
                line="training",
            ),
        ),
    ),
}
