"""RePr: cyclic pruning and re-initialisation of filters (chapter 5)."""

from thesis_workloads.contract.controls import Control
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.systems.repr.config import RePrConfig

REPR = Experiment(
    name="repr",
    title="RePr: cyclic pruning and re-initialisation of filters",
    chapter=5,
    config=RePrConfig,
    workload="thesis_workloads.systems.repr.workload:WORKLOAD",
    tables=(
        "thesis_workloads.systems.repr.tables:DECLARED",
        "thesis_workloads.systems.repr.curve_figures:CURVE_FIGURES",
        "thesis_workloads.systems.repr.figures:FIGURES",
        "thesis_workloads.systems.repr.analyses:DECLARED",
        "thesis_workloads.systems.repr.regime:STUDY",
    ),
    space={
        "s1": Choice(values=(5, 10)),
        "s2": Choice(values=(5, 10)),
        "p": Choice(values=(10.0, 30.0)),
        "n": Choice(values=(2, 4)),
    },
    baseline={"scheme": "standard"},
    baseline_ignores=(
        "scheme",
        "metric",
        "num_ranking",
        "s1",
        "s2",
        "p",
        "n",
        "rank_first_conv",
        "score_scale",
        "min_filters",
        "variant",
        "num_early_layers",
        "reverse_ranking",
        "readers",
        "filter_norm",
    ),
    method_name="RePr",
    controls={
        "early stopping": Control(metric="best/val_accuracy", test_metric="best/test_accuracy"),
        "weight decay": Control(overrides={"weight_decay": 0.01}),
        "dropout": Control(overrides={"dropout": 0.5}),
        "random filters": Control(overrides={"metric": "random"}, of="method", in_place="random filters"),
        "later layers": Control(overrides={"scheme": "later-layers"}, of="method"),
        "reverse ranking": Control(
            overrides={"reverse_ranking": True}, of="method", in_place="the ranking reversed"
        ),
    },
    reported=("train/accuracy", "best/test_accuracy", "test/gap"),
    changeable={
        "learning_rate": Range(low=1e-4, high=1.0, log=True),
        "p": Range(low=5.0, high=60.0),
    },
    scales={
        "smoke": {"epochs": 12, "s1": 2, "s2": 2, "n": 2, "num_train": 150, "num_val": 150},
        # CIFAR-10's gap of some twenty points between training and test part, which 300 clean digits don't have.
        "small": {"label_noise": 0.3, "s1": 10, "s2": 10, "p": 30.0, "n": 4},
        "paper": {"data": "cifar10", "num_train": 0, "num_val": 5000},
        # The author's published code (iamaaditya/repr-ortho): its network, schedule, ranking and new filters.
        "released": {
            "data": "cifar10",
            "num_train": 0,
            "num_val": 5000,
            "model": "c3-32-released",
            "learning_rate": 0.05,
            "schedule": "halving",
            "p": 50.0,
            "s1": 20,
            "s2": 20,
            "n": 9,
            "epochs": 379,
            "rank_first_conv": True,
            "variant": "released",
            "readers": "old",
        },
    },
    # At the dissertation's scale its own values: phases long enough to converge, three rounds at most.
    scale_spaces={
        "paper": {
            "s1": Choice(values=(10, 20)),
            "s2": Choice(values=(5, 10)),
            "p": Choice(values=(10.0, 30.0)),
            "n": Choice(values=(1, 3)),
        },
        "smoke": {
            "s1": Choice(values=(2, 3)),
            "s2": Choice(values=(2,)),
            "p": Choice(values=(30.0,)),
            "n": Choice(values=(2,)),
        },
    },
)
