"""Condensed memory networks: diagnoses from notes, read with a knowledge base (chapter 8).

Source: table 8.3. On MIMIC-III the condensed network reaches AUC 0.833 with 50 labels and five hops, the
end-to-end network 0.761. A trial at the scale ``small`` takes 20 to 40 s on one core; the default sweep has
48 configurations, so 144 trials over three seeds:
``thesis sweep condensed-memory --seeds 3``.
"""

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig

CONDENSED_MEMORY = Experiment(
    name="condensed-memory",
    title="Condensed memory networks: diagnoses from notes and a knowledge base",
    chapter=8,
    config=CondensedMemoryConfig,
    workload="thesis_workloads.systems.condensed_memory.workload:WORKLOAD",
    tables=(
        "thesis_workloads.systems.condensed_memory.tables:DECLARED",
        "thesis_workloads.systems.condensed_memory.figures:DECLARED",
    ),
    space={
        "model": Choice(values=("memnn", "key-value", "averaged", "condensed")),
        "hops": Choice(values=(3, 4, 5)),
        "num_labels": Choice(values=(50, 100)),
        "addressing": Choice(values=("softmax", "gated")),
    },
    # End-to-end memory networks with the same hops, labels and addressing.
    baseline={"model": "memnn"},
    baseline_ignores=("model", "title_dim", "condensation", "condensing_init", "response", "keys"),
    changeable={
        "learning_rate": Range(low=1e-4, high=1e-2, log=True),
        "slot_loss_weight": Range(low=0.01, high=10.0, log=True),
    },
    scales={
        "smoke": {
            "num_labels": 10,
            "num_notes": 500,
            "num_diseases": 20,
            "num_articles": 30,
            "embedding_dim": 32,
            "slot_dim": 24,
            "epochs": 25,
        },
        "small": {"num_notes": 5000, "embedding_dim": 64, "slot_dim": 48, "epochs": 35},
        "paper": {"data": "mimic"},
    },
    scale_spaces={
        "smoke": {
            "hops": Choice(values=(3,)),
            "num_labels": Choice(values=(10,)),
            "addressing": Choice(values=("gated",)),
        }
    },
    selection_metric="val/auc",
    test_metric="test/auc",
)
