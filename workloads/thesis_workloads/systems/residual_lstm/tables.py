"""Tables 7.4 and 7.5 as declared runs of the paraphrase models: data only.

- A model is trained once and its test part decoded with both beams; table 7.5 reads the same runs as table 7.4.
- The dissertation prints no row for the bidirectional and the residual model with two layers: they are run all the
  same, so that every model is there at both depths.
- At ``small`` the shipped verses stand for MSCOCO's captions, whole sentences as well. A source has one reference.
- Table 7.5 does not name the model whose variance it gives: it is that of the residual one with four layers, with
  the smaller beam. Its variances of the embedding metric fit a scale of 0 to 1.
"""

from thesis_workloads.contract.tables import DeclaredRuns, Overrides, RunCell

MODELS = ("seq2seq", "attention", "bidirectional", "residual")
DEPTHS = (2, 4)
SCORES = ("bleu", "meteor", "emb_greedy", "ter")
_BEAMS = {"b5": "", "b10": "_beam_10"}  # the columns' beginning -> how the scores of that beam end

SETTINGS: dict[str, Overrides] = {
    "smoke": {
        "num_train": 300,
        "num_val": 50,
        "num_test": 30,
        "max_length": 15,
        "vocabulary": 500,
        "hidden": 16,
        "epochs": 3,
        "beam": 5,
        "second_beam": 10,
    },
    "small": {
        "num_train": 3000,
        "num_val": 300,
        "num_test": 300,
        "max_length": 16,
        "vocabulary": 1500,
        "hidden": 48,
        "epochs": 6,
        "beam": 5,
        "second_beam": 10,
    },
    "paper": {
        "num_train": 0,
        "num_val": 5000,
        "num_test": 20_000,
        "max_length": 15,
        "hidden": 512,
        "init_range": 0.11,
        "dropout": 0.5,
        "epochs": 10,
        "batch_size": 128,
        "beam": 5,
        "second_beam": 10,
    },
}
_VERSES: dict[str, str | Overrides] = {"mscoco": "bible-verses"}
DATA: dict[str, dict[str, str | Overrides]] = {
    "smoke": _VERSES,
    "small": _VERSES,
    "paper": {
        "ppdb": {"data": "ppdb", "vocabulary": 38_279},
        "wikianswers": {"data": "wikianswers", "vocabulary": 50_000, "num_train": 4_826_492},
        "mscoco": {"data": "mscoco", "vocabulary": 30_332, "references": 4},
    },
}
_DATASETS = ("ppdb", "wikianswers", "mscoco")
PUBLISHED = ("ppdb", "wikianswers", "mscoco")
_SEEDS = {"smoke": 1, "small": 5, "paper": 5}
_NOTES = (
    "METEOR is the project's own, of 2007, with exact and stem matches, and synonyms where WordNet is installed;"
    " implementations differ by up to ten points",
    "word vectors of the embedding metric are learned on the training sentences unless a file is named"
    " (--set word_vectors=FILE)",
)


def run_name(model: str, layers: int) -> str:
    """Returns the name of a model's runs."""
    return f"{model}-{layers}"


RUNS: dict[str, Overrides] = {
    run_name(model, layers): {"model": model, "num_layers": layers} for layers in DEPTHS for model in MODELS
}

DECLARED: dict[str, DeclaredRuns] = {
    "table-7.4": DeclaredRuns(
        title="Four models, two depths and two beams",
        table="table-7.4",
        system="residual-lstm",
        runs=RUNS,
        cells=tuple(
            RunCell(
                row={"dataset": dataset, "layers": layers, "model": model},
                column=f"{beam}_{score}",
                run=run_name(model, layers),
                dataset=dataset,
                metric=f"test/{score}{ending}",
                factor=1.0,
            )
            for dataset in _DATASETS
            for layers in DEPTHS
            for model in MODELS
            for beam, ending in _BEAMS.items()
            for score in SCORES
        ),
        settings=SETTINGS,
        data=DATA,
        num_seeds=_SEEDS,
        published_data=PUBLISHED,
        notes=_NOTES,
    ),
    "table-7.5": DeclaredRuns(
        title="Variance of the scores over the choice of the test set",
        table="table-7.5",
        system="residual-lstm",
        runs={run_name("residual", 4): RUNS[run_name("residual", 4)]},
        cells=tuple(
            RunCell(
                row={"dataset": dataset},
                column=f"var_{score}",
                run=run_name("residual", 4),
                dataset=dataset,
                metric=f"test/{score}_variance",
                factor=1e-4 if score == "emb_greedy" else 1.0,
            )
            for dataset in _DATASETS
            for score in SCORES
        ),
        settings=SETTINGS,
        data=DATA,
        num_seeds=_SEEDS,
        published_data=PUBLISHED,
        notes=_NOTES,
    ),
}
