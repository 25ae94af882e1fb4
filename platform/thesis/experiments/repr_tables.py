"""Tables 5.1 to 5.5 and figure 5.4 as declared runs of RePr: data only.

What the text leaves open, and what is declared:
- Table 5.3 doesn't name the teacher: C^3(64). It trains before its student, on top of the student's own
  epochs, so that the student's S1, S2 and N are those of the other columns; the runs named
  ``...-in-budget`` share the student's epochs with the teacher instead.
- Table 5.4 says that all schemes had 150 epochs and that Born-Again Networks need N full trainings: ``ban``
  shares the 150 epochs among the N generations, ``ban-n-times`` has 150 for each.
- Figure 5.4 averages the test accuracy over epochs while training; here it is that after the last one.
"""

from typing import Any

from thesis.experiments.declared import DeclaredRuns, RunCell
from thesis.experiments.detection import DETECTION

Overrides = dict[str, Any]
_STANDARD: Overrides = {"scheme": "standard"}
_METRICS = (
    "random",
    "activations",
    "apoz",
    "gradients",
    "taylor",
    "hessian",
    "weights",
    "oracle",
    "ortho",
)
_TWO_SETS = ("cifar-10", "cifar-100")
_CIFAR10: dict[str, dict[str, str]] = {
    "smoke": {"cifar-10": "digits"},
    "small": {"cifar-10": "digits"},
    "paper": {"cifar-10": "cifar10"},
}
_CIFAR: dict[str, dict[str, str]] = {**_CIFAR10, "paper": {"cifar-10": "cifar10", "cifar-100": "cifar100"}}
_SEEDS = {"smoke": 1, "small": 5, "paper": 3}
_SMOKE: Overrides = {"num_train": 100, "num_val": 100, "model": "c3-8", "epochs": 6, "s1": 1, "s2": 1}
# At smoke the teacher's and the generations' epochs are shortened with the run's.
_LIMITS: dict[str, Overrides] = {"smoke": {"epochs": 6, "s1": 1, "s2": 1, "teacher_epochs": 2}}
_PUBLISHED = ("cifar10", "cifar100")
_SHALLOW: dict[str, Overrides] = {
    "smoke": _SMOKE,
    "small": {"num_train": 300, "num_val": 500},
    "paper": {"num_train": 0, "num_val": 5000},
}
_DEEP: Overrides = {"optimizer": "momentum", "learning_rate": 0.1, "schedule": "steps", "weight_decay": 1e-4}
_RESNET: dict[str, Overrides] = {
    "smoke": {**_SMOKE, "model": "resnet-8"},
    "small": {**_DEEP, "model": "resnet-20", "num_train": 300, "num_val": 500, "learning_rate": 0.03},
    "paper": {
        **_DEEP,
        "model": "resnet-20",
        "num_train": 0,
        "num_val": 5000,
        "epochs": 150,
        "batch_size": 128,
    },
}
_TEACHER: Overrides = {"teacher": "c3-64", "teacher_epochs": 100, "epochs": 200}
_TEACHER_IN_BUDGET: Overrides = {"teacher": "c3-64", "teacher_epochs": 50, "epochs": 100}
_NETWORKS: dict[tuple[str, int], Overrides] = {
    ("vanilla", 3): {"model": "c3-32"},
    ("vanilla", 8): {"model": "c8-32"},
    ("vanilla", 13): {"model": "c13-32"},
    ("vanilla", 18): {"model": "c18-32"},
    ("densenet", 5): {"model": "densenet-5", **_DEEP},
    ("densenet", 40): {"model": "densenet-40", **_DEEP},
    ("densenet", 100): {"model": "densenet-100", **_DEEP},
    ("resnet", 20): {"model": "resnet-20", **_DEEP},
    ("resnet", 32): {"model": "resnet-32", **_DEEP},
    ("resnet", 110): {"model": "resnet-110", **_DEEP},
    ("resnet", 182): {"model": "resnet-182", **_DEEP},
}
_DETECTORS: dict[str, Overrides] = {
    f"r{depth}_{column}": {"backbone": f"resnet-{depth}", "head": head}
    for depth in (50, 101)
    for column, head in {"rpn": "c4", "fpn": "fpn"}.items()
}
_SHARES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
_SHALLOW_ENOUGH = ("vanilla-3", "vanilla-8", "densenet-5", "resnet-20")


def _both(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}-{scheme}" for name in names for scheme in ("std", "repr"))


DECLARED: dict[str, DeclaredRuns] = {
    "table-5.1": DeclaredRuns(
        title="Filter ranking metrics",
        table="table-5.1",
        runs={"standard": _STANDARD, **{metric: {"metric": metric} for metric in _METRICS}},
        cells=tuple(
            RunCell(row={"metric": name}, column="accuracy", run=name, dataset="cifar-10")
            for name in ("standard", *_METRICS)
        ),
        settings=_SHALLOW,
        data=_CIFAR10,
        num_seeds=_SEEDS,
        limits=_LIMITS,
        published_data=_PUBLISHED,
    ),
    "table-5.2": DeclaredRuns(
        title="The orthogonality loss with and without RePr",
        table="table-5.2",
        runs={
            "std": _STANDARD,
            "std_ol": {**_STANDARD, "ortho_loss": 0.01},
            "repr": {},
            "repr_ol": {"ortho_loss": 0.01},
        },
        cells=tuple(
            RunCell(row={"dataset": dataset}, column=run, run=run, dataset=dataset)
            for dataset in _TWO_SETS
            for run in ("std", "std_ol", "repr", "repr_ol")
        ),
        settings=_SHALLOW,
        data=_CIFAR,
        num_seeds=_SEEDS,
        limits=_LIMITS,
        published_data=_PUBLISHED,
    ),
    "table-5.3": DeclaredRuns(
        title="Knowledge distillation, RePr and both",
        table="table-5.3",
        runs={
            "std": _STANDARD,
            "kd": {**_STANDARD, **_TEACHER},
            "repr": {},
            "kd_repr": _TEACHER,
            "kd-in-budget": {**_STANDARD, **_TEACHER_IN_BUDGET},
            "kd_repr-in-budget": {**_TEACHER_IN_BUDGET, "s1": 10, "s2": 5},
        },
        cells=tuple(
            RunCell(row={"dataset": dataset}, column=run, run=run, dataset=dataset)
            for dataset in _TWO_SETS
            for run in ("std", "kd", "repr", "kd_repr")
        ),
        settings=_SHALLOW,
        data=_CIFAR,
        num_seeds=_SEEDS,
        limits=_LIMITS,
        published_data=_PUBLISHED,
    ),
    "table-5.4": DeclaredRuns(
        title="RePr, Dense-Sparse-Dense and Born-Again Networks on ResNet-20",
        table="table-5.4",
        runs={
            "baseline-own": _STANDARD,
            "dsd": {"scheme": "dsd"},
            "ban": {"scheme": "ban"},
            "repr-weights": {"metric": "weights"},
            "repr-ortho": {"metric": "ortho"},
            "ban-n-times": {"scheme": "ban", "epochs": 450},
        },
        cells=tuple(
            RunCell(
                row={"scheme": name},
                column="error",
                run=name,
                dataset="cifar-10",
                factor=-100.0,
                offset=100.0,
            )
            for name in ("baseline-own", "dsd", "ban", "repr-weights", "repr-ortho")
        ),
        settings=_RESNET,
        data=_CIFAR10,
        num_seeds=_SEEDS,
        limits=_LIMITS,
        published_data=_PUBLISHED,
        only=dict.fromkeys(("smoke", "small"), ("baseline-own", "dsd", "ban", "repr-weights", "repr-ortho")),
    ),
    "table-5.5": DeclaredRuns(
        title="Plain, dense and residual networks",
        table="table-5.5",
        runs={
            f"{family}-{layers}-{name}": {**network, **scheme}
            for (family, layers), network in _NETWORKS.items()
            for name, scheme in {"std": _STANDARD, "repr": {}}.items()
        },
        cells=tuple(
            RunCell(
                row={"family": family, "layers": layers},
                column=f"{short}_{name}",
                run=f"{family}-{layers}-{name}",
                dataset=dataset,
                factor=-100.0,
                offset=100.0,
            )
            for family, layers in _NETWORKS
            for short, dataset in {"c10": "cifar-10", "c100": "cifar-100"}.items()
            for name in ("std", "repr")
        ),
        settings={
            "smoke": {key: value for key, value in _SMOKE.items() if key != "model"},
            "small": {"num_train": 300, "num_val": 500},
            "paper": {"num_train": 0, "num_val": 5000, "epochs": 150},
        },
        data=_CIFAR,
        num_seeds=_SEEDS,
        limits=_LIMITS,
        published_data=_PUBLISHED,
        only={"smoke": _both(("vanilla-3", "resnet-20")), "small": _both(_SHALLOW_ENOUGH)},
    ),
    "table-5.9": DeclaredRuns(
        title="Faster R-CNN with a backbone from standard and from RePr training",
        table="table-5.9",
        system="detection",
        runs={
            f"{column}-{name}": {**detector, **scheme}
            for column, detector in _DETECTORS.items()
            for name, scheme in {"standard": _STANDARD, "repr-ortho": {}}.items()
        },
        cells=tuple(
            RunCell(
                row={"training": name},
                column=column,
                run=f"{column}-{name}",
                dataset="coco",
                metric="test/map",
            )
            for column in _DETECTORS
            for name in ("standard", "repr-ortho")
        ),
        settings={scale: DETECTION.scales[scale] for scale in ("smoke", "small", "paper")},
        data={"smoke": {"coco": "shapes"}, "small": {"coco": "shapes"}, "paper": {"coco": "coco"}},
        num_seeds={"smoke": 1, "small": 3, "paper": 1},
        limits={scale: {"backbone": "resnet-10"} for scale in ("smoke", "small")},
        only=dict.fromkeys(
            ("smoke", "small"),
            tuple(f"r50_{neck}-{name}" for neck in ("rpn", "fpn") for name in ("standard", "repr-ortho")),
        ),
        published_data=("coco",),
        notes=(
            "RePr acts on the backbone while the detector trains. Name a backbone that RePr has trained on "
            "ImageNet with --set pretrained=FILE.",
            "On generated shapes the backbone is a residual network of ten layers, 16 to 128 filters wide, "
            "trained from random weights.",
        ),
    ),
    "figure-5.4": DeclaredRuns(
        title="Share of the filters that is pruned",
        table="figure-5.4",
        runs={"standard": _STANDARD, **{f"p={p:g}": {"p": p} for p in _SHARES}},
        cells=(
            RunCell(row={"p": 0.0}, column="accuracy", run="standard", dataset="cifar-10"),
            *(RunCell(row={"p": p}, column="accuracy", run=f"p={p:g}", dataset="cifar-10") for p in _SHARES),
        ),
        settings=_SHALLOW,
        data=_CIFAR10,
        num_seeds=_SEEDS,
        limits=_LIMITS,
        published_data=_PUBLISHED,
    ),
}
