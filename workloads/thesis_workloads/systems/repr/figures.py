"""Figures 5.4, 5.5, 5.6 and 5.10 as declared runs of RePr, a number for each setting: data only.

Figures over the epochs of a run (5.1 and 5.7 to 5.9) are `curve_figures`. Figures 5.2, 5.3 and 5.11 look inside
trained networks; they are measurements (`analyses`).

What the dissertation leaves open, and what is declared: in figure 5.5 every N has the same budget of epochs, which is
that of the largest.
"""

from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredRuns, RunCell
from thesis_workloads.systems.repr.settings import (
    CIFAR10,
    LIMITS,
    MORE_SEEDS,
    PUBLISHED,
    SEEDS,
    SHALLOW,
    STAND_IN,
    STANDARD,
    Overrides,
)

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


def declared_figure(
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


def accuracy_cell(run: str, row: Mapping[str, Any], **others: Any) -> RunCell:
    """Returns the cell of a run's accuracy, %."""
    return RunCell(row=row, column="accuracy", run=run, dataset="cifar-10", **others)


def quantity_cell(name: str, run: str, row: Mapping[str, Any], **others: Any) -> RunCell:
    """Returns the cell of a number that claims need and the figure does not print."""
    return RunCell(row=row, column=name, run=run, dataset="cifar-10", is_quantity=True, **others)


FIGURES: dict[str, DeclaredRuns] = {
    "figure-5.4": declared_figure(
        "figure-5.4",
        "Share of the filters that is pruned",
        {"standard": STANDARD, **{f"p={p:g}": {"p": p} for p in _SHARES}},
        (
            accuracy_cell("standard", {"p": 0.0}),
            *(accuracy_cell(f"p={p:g}", {"p": p}) for p in _SHARES),
            *(quantity_cell("test_accuracy", f"p={p:g}", {"p_percent": int(p)}) for p in _SHARES),
        ),
        curves=(Curves(x="p", x_label="pruned filters, %", y="accuracy", y_label="test accuracy, %"),),
        num_seeds=MORE_SEEDS,
        notes=(
            "The dissertation averages over epochs while training; this is the accuracy after the last one.",
        ),
    ),
    "figure-5.5": declared_figure(
        "figure-5.5",
        "Number of rounds N",
        {"standard": STANDARD, **{f"n={n}": {"n": n} for n in _ROUNDS}},
        (
            accuracy_cell("standard", {"n": 0, "part": "test"}),
            accuracy_cell("standard", {"n": 0, "part": "training"}, metric="train/accuracy"),
            *(accuracy_cell(f"n={n}", {"n": n, "part": "test"}) for n in _ROUNDS),
            *(
                accuracy_cell(f"n={n}", {"n": n, "part": "training"}, metric="train/accuracy")
                for n in _ROUNDS
            ),
            *(quantity_cell("test_accuracy", f"n={n}", {"n": n}) for n in _ROUNDS),
            *(quantity_cell("generalization_gap", f"n={n}", {"n": n}, metric="test/gap") for n in _ROUNDS),
            *(
                quantity_cell(
                    "gain_of_round", f"n={n}", {"n": n}, minus="standard" if n == 1 else f"n={n - 1}"
                )
                for n in (1, 2, 3)
            ),
        ),
        settings=_with_epochs(850),
        num_seeds={**SEEDS, "small": 3},
        curves=(Curves(x="n", x_label="rounds N", y="accuracy", y_label="accuracy, %", line="part"),),
        notes=("Every number of rounds has 850 epochs, which 28 rounds need; smoke has eight.",),
        limits={"smoke": {**LIMITS["smoke"], "n": 3}},
    ),
    "figure-5.6": declared_figure(
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
                quantity_cell("improvement", f"{name}-repr", {"optimizer": name}, minus=f"{name}-standard")
                for name in _OPTIMIZERS
            ),
            accuracy_cell("long-standard", {"s": 0}),
            *(accuracy_cell(f"s={length}", {"s": length}) for length in _LENGTHS),
            *(
                quantity_cell("test_accuracy", f"s={length}", {"s1": length, "s2": length})
                for length in _LENGTHS
            ),
        ),
        curves=(
            Curves(x="optimizer", x_label="optimizer", y="gain", y_label="gain over standard, points"),
            Curves(x="s", x_label="S1 = S2, epochs; 0: standard", y="accuracy", y_label="test accuracy, %"),
        ),
        notes=("Runs of different S1 = S2 have 310 epochs, which three rounds of the longest need.",),
    ),
    "figure-5.10": declared_figure(
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
