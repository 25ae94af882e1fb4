"""RePr: cyclic pruning and re-initialisation of filters (chapter 5)."""

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
        "thesis_workloads.systems.repr.figures:FIGURES",
        "thesis_workloads.systems.repr.analyses:DECLARED",
    ),
    space={
        "s1": Choice(values=(10, 20)),
        "s2": Choice(values=(5, 10)),
        "p": Choice(values=(10.0, 30.0)),
        "n": Choice(values=(1, 3)),
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
    ),
    changeable={
        "learning_rate": Range(low=1e-4, high=1.0, log=True),
        "p": Range(low=5.0, high=60.0),
    },
    scales={
        "smoke": {"epochs": 12, "s1": 2, "s2": 2, "n": 2, "num_train": 150, "num_val": 150},
        "small": {},
        "paper": {"data": "cifar10", "num_train": 0, "num_val": 5000},
    },
    scale_spaces={
        "smoke": {
            "s1": Choice(values=(2, 3)),
            "s2": Choice(values=(2,)),
            "p": Choice(values=(30.0,)),
            "n": Choice(values=(2,)),
        }
    },
)
