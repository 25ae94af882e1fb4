"""Tables 5.1 to 5.6 and 5.9 as declared runs of RePr: data only.

What the dissertation leaves open, and what is declared:
- Table 5.3 doesn't name the teacher: C^3(64). It trains before its student, on top of the student's own
  epochs, so that the student's S1, S2 and N are those of the other columns; the runs named
  ``...-in-budget`` share the student's epochs with the teacher instead.
- Table 5.4 says that all schemes had 150 epochs and that Born-Again Networks need N full trainings: ``ban``
  shares the 150 epochs among the N generations, ``ban-n-times`` has 150 for each.
"""

from thesis_workloads.contract.tables import DeclaredRuns, RunCell
from thesis_workloads.systems.repr.settings import (
    CIFAR10,
    LIMITS,
    MORE_SEEDS,
    NOISY,
    PUBLISHED,
    SEEDS,
    SHALLOW,
    SMOKE,
    STAND_IN,
    STANDARD,
    Overrides,
)

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
_CIFAR: dict[str, dict[str, str]] = {**CIFAR10, "paper": {"cifar-10": "cifar10", "cifar-100": "cifar100"}}
_DEEP: Overrides = {"optimizer": "momentum", "learning_rate": 0.1, "schedule": "steps", "weight_decay": 1e-4}
_RESNET: dict[str, Overrides] = {
    "smoke": {**SMOKE, "model": "resnet-8"},
    "small": {**_DEEP, **NOISY, "model": "resnet-20", "learning_rate": 0.03},
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
_LOW_RATE: Overrides = {"learning_rate": 0.01}  # of networks without batch normalisation
_IMAGENET: dict[str, Overrides] = {
    **{f"resnet-{depth}": {"model": f"resnet-{depth}"} for depth in (18, 34, 50, 101, 152)},
    "vgg-16": {"model": "vgg-16", "dropout": 0.5, **_LOW_RATE},
    "inception-v1": {"model": "googlenet", "dropout": 0.2, **_LOW_RATE},
    "inception-v2": {"model": "googlenet", "dropout": 0.2, "batch_norm": True},
}
_AFTER_ROUNDS: dict[str, Overrides] = {"std": STANDARD, "n1": {"n": 1}, "n2": {"n": 2}, "n3": {"n": 3}}
_SHALLOW_ENOUGH = ("vanilla-3", "vanilla-8", "densenet-5", "resnet-20")


def _both(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}-{scheme}" for name in names for scheme in ("std", "repr"))


DECLARED: dict[str, DeclaredRuns] = {
    "table-5.1": DeclaredRuns(
        title="Filter ranking metrics",
        table="table-5.1",
        runs={"standard": STANDARD, **{metric: {"metric": metric} for metric in _METRICS}},
        cells=tuple(
            RunCell(row={"metric": name}, column="accuracy", run=name, dataset="cifar-10")
            for name in ("standard", *_METRICS)
        ),
        settings=SHALLOW,
        data=CIFAR10,
        num_seeds=MORE_SEEDS,
        limits=LIMITS,
        published_data=PUBLISHED,
        notes=(STAND_IN,),
    ),
    "table-5.2": DeclaredRuns(
        title="The orthogonality loss with and without RePr",
        table="table-5.2",
        runs={
            "std": STANDARD,
            "std_ol": {**STANDARD, "ortho_loss": 0.01},
            "repr": {},
            "repr_ol": {"ortho_loss": 0.01},
        },
        cells=tuple(
            RunCell(row={"dataset": dataset}, column=run, run=run, dataset=dataset)
            for dataset in _TWO_SETS
            for run in ("std", "std_ol", "repr", "repr_ol")
        ),
        settings=SHALLOW,
        data=_CIFAR,
        num_seeds=MORE_SEEDS,
        limits=LIMITS,
        published_data=PUBLISHED,
        notes=(STAND_IN,),
    ),
    "table-5.3": DeclaredRuns(
        title="Knowledge distillation, RePr and both",
        table="table-5.3",
        runs={
            "std": STANDARD,
            "kd": {**STANDARD, **_TEACHER},
            "repr": {},
            "kd_repr": _TEACHER,
            "kd-in-budget": {**STANDARD, **_TEACHER_IN_BUDGET},
            "kd_repr-in-budget": {**_TEACHER_IN_BUDGET, "s1": 10, "s2": 5},
        },
        cells=tuple(
            RunCell(row={"dataset": dataset}, column=run, run=run, dataset=dataset)
            for dataset in _TWO_SETS
            for run in ("std", "kd", "repr", "kd_repr")
        ),
        settings=SHALLOW,
        data=_CIFAR,
        num_seeds=SEEDS,
        limits=LIMITS,
        published_data=PUBLISHED,
        notes=(STAND_IN,),
    ),
    "table-5.4": DeclaredRuns(
        title="RePr, Dense-Sparse-Dense and Born-Again Networks on ResNet-20",
        table="table-5.4",
        runs={
            "baseline-own": STANDARD,
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
        data=CIFAR10,
        num_seeds=SEEDS,
        limits=LIMITS,
        published_data=PUBLISHED,
        only=dict.fromkeys(("smoke", "small"), ("baseline-own", "dsd", "ban", "repr-weights", "repr-ortho")),
    ),
    "table-5.5": DeclaredRuns(
        title="Plain, dense and residual networks",
        table="table-5.5",
        runs={
            f"{family}-{layers}-{name}": {**network, **scheme}
            for (family, layers), network in _NETWORKS.items()
            for name, scheme in {"std": STANDARD, "repr": {}}.items()
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
            "smoke": {key: value for key, value in SMOKE.items() if key != "model"},
            "small": NOISY,
            "paper": {"num_train": 0, "num_val": 5000, "epochs": 150},
        },
        data=_CIFAR,
        num_seeds=SEEDS,
        limits=LIMITS,
        published_data=PUBLISHED,
        only={"smoke": _both(("vanilla-3", "resnet-20")), "small": _both(_SHALLOW_ENOUGH)},
    ),
    "table-5.6": DeclaredRuns(
        title="ImageNet, after each of three rounds",
        table="table-5.6",
        runs={
            f"{model}-{column}": {**network, **rounds}
            for model, network in _IMAGENET.items()
            for column, rounds in _AFTER_ROUNDS.items()
        },
        cells=tuple(
            RunCell(
                row={"model": model},
                column=column,
                run=f"{model}-{column}",
                dataset="imagenet",
                factor=-100.0,
                offset=100.0,
            )
            for model in _IMAGENET
            for column in _AFTER_ROUNDS
        ),
        settings={
            "smoke": {key: value for key, value in SMOKE.items() if key != "model"},
            "small": {**NOISY, "optimizer": "momentum", "schedule": "steps"},
            "paper": {
                **_DEEP,
                "num_train": 0,
                "num_val": 10_000,
                "epochs": 100,
                "batch_size": 256,
                "num_loaders": 14,
                "precision": "bfloat16",
                "compile": True,
            },
        },
        data={
            "smoke": {"imagenet": "digits"},
            "small": {"imagenet": "digits"},
            "paper": {"imagenet": "imagenet"},
        },
        num_seeds={"smoke": 1, "small": 3, "paper": 1},
        limits={"smoke": {"n": 1}, "small": {"learning_rate": 0.01}},
        only=dict.fromkeys(("smoke", "small"), tuple(f"resnet-18-{column}" for column in _AFTER_ROUNDS)),
        published_data=("imagenet",),
        notes=(
            "The dissertation reads the test part after each round of one run; here runs of one, two and three rounds "
            "and the same epochs read it once each.",
        ),
    ),
}
