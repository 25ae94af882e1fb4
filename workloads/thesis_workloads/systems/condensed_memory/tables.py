"""Table 8.3 as declared runs of the memory networks: data only.

- At ``small`` the notes are generated from the phenotypes of 110 diseases, and the rate of Adam is three times the
  dissertation's. The 30 epochs were chosen on held-out notes: the five-epoch means of held-out AUC stop rising
  there (``tests/benchmarks/results/memory_tables.md``).
- "Average precision @5" is the share of a note's five highest-scored labels that it has, averaged over the notes.
- Addressing is gated, which the dissertation argues for (section 8.4.3); it does not say what its table was made with.
"""

from thesis_workloads.contract.tables import DeclaredRuns, Overrides, RunCell

MODELS = {"end-to-end": "memnn", "kv-memnn": "key-value", "a-memnn": "averaged", "c-memnn": "condensed"}
"""The table's names of the models, and the setting's."""
HOPS = (3, 4, 5)
LABELS = {"c50": 50, "c100": 100}
COLUMNS = {"auc": "test/auc", "ap5": "test/precision_at_5", "hamming": "test/hamming_loss"}

SETTINGS: dict[str, Overrides] = {
    "smoke": {
        "num_notes": 600,
        "num_diseases": 30,
        "num_articles": 40,
        "embedding_dim": 32,
        "slot_dim": 24,
        "epochs": 4,
        "learning_rate": 3e-3,
    },
    "small": {
        "num_notes": 2500,
        "num_diseases": 110,
        "num_articles": 130,
        "embedding_dim": 64,
        "slot_dim": 48,
        "epochs": 30,
        "learning_rate": 3e-3,
    },
    "paper": {},
}
DATA: dict[str, dict[str, str]] = {
    "smoke": {"mimic-iii": "phenotypes"},
    "small": {"mimic-iii": "phenotypes"},
    "paper": {"mimic-iii": "mimic"},
}


def run_name(model: str, hops: int, labels: int) -> str:
    """Returns the name of a model's runs; ``model`` is the table's name."""
    return f"{model}-{hops}-{labels}"


RUNS: dict[str, Overrides] = {
    run_name(model, hops, labels): {"model": setting, "hops": hops, "num_labels": labels}
    for labels in LABELS.values()
    for hops in HOPS
    for model, setting in MODELS.items()
}

DECLARED: dict[str, DeclaredRuns] = {
    "table-8.3": DeclaredRuns(
        title="Four memory networks, three numbers of hops and two of labels",
        table="table-8.3",
        system="condensed-memory",
        runs=RUNS,
        cells=tuple(
            RunCell(
                row={"hops": hops, "model": model},
                column=f"{part}_{column}",
                run=run_name(model, hops, labels),
                dataset="mimic-iii",
                metric=metric,
                factor=1.0,
            )
            for hops in HOPS
            for model in MODELS
            for part, labels in LABELS.items()
            for column, metric in COLUMNS.items()
        ),
        settings=SETTINGS,
        data=DATA,
        num_seeds={"smoke": 1, "small": 8, "paper": 3},
        limits={"smoke": {"num_labels": 10}},
        only={
            "smoke": tuple(run_name(model, 3, labels) for model in MODELS for labels in LABELS.values()),
        },
        published_data=("mimic",),
        notes=(
            "predicting no label at all has the Hamming loss of the labels' share, and the labels' order by"
            " frequency a precision at five of its own: both are metrics of every trial",
            "the condensed network predicts from W(u + o) concatenated with its condensed state, and its condensing"
            " matrices start orthogonal (the dissertation leaves the start open)",
            "MIMIC-III: the names of diagnoses are removed from the notes, their abbreviations (CHF, AFib, ...) are"
            " not: they stay in the notes and give labels away, so absolute scores there are too high",
        ),
    ),
}
