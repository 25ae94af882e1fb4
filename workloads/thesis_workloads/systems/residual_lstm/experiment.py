"""Stacked residual LSTM: paraphrase generation (chapter 7).

Source: tables 7.1-7.5. With four layers of 512 units and beam 10 the residual model is published at BLEU 21.2 on
PPDB, 37.2 on WikiAnswers and 37.0 on MSCOCO, the plain model at 18.8, 33.5 and 28.9; 14 to 36 hours a model on
a Titan X. At the scale ``small``, on shipped verse pairs, a trial takes about a minute on one core:
``thesis sweep residual-lstm --seeds 3``. The weights do not depend on the beam: it is searched only where asked
for (``--space beam=5,10``).
"""

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig

RESIDUAL_LSTM = Experiment(
    name="residual-lstm",
    title="Stacked residual LSTM: paraphrase generation",
    chapter=7,
    config=ResidualLSTMConfig,
    workload="thesis_workloads.systems.residual_lstm.workload:WORKLOAD",
    tables=(
        "thesis_workloads.systems.residual_lstm.tables:DECLARED",
        "thesis_workloads.systems.residual_lstm.figures:DECLARED",
    ),
    space={
        "model": Choice(values=("seq2seq", "attention", "bidirectional", "residual")),
        "num_layers": Choice(values=(2, 4)),
        "residual_step": Choice(values=(1, 2)),
        "dropout": Choice(values=(0.2, 0.5)),
        "beam": Choice(values=(5, 10)),
    },
    # The plain encoder and decoder of the same depth, dropout and budget.
    baseline={"model": "seq2seq"},
    baseline_ignores=("model", "residual_step", "dropout_position"),
    changeable={
        "learning_rate": Range(low=0.05, high=2.0, log=True),
        "dropout": Range(low=0.0, high=0.6),
    },
    scales={
        "smoke": {
            "num_train": 300,
            "num_val": 50,
            "num_test": 30,
            "max_length": 15,
            "vocabulary": 500,
            "hidden": 16,
            "epochs": 3,
        },
        "small": {},
        "paper": {
            "data": "mscoco",
            "num_train": 0,
            "num_val": 5000,
            "num_test": 20_000,
            "max_length": 15,
            "vocabulary": 30_332,
            "references": 4,
            "hidden": 512,
            "init_range": 0.11,
            "dropout": 0.5,
            "epochs": 10,
            "batch_size": 128,
        },
    },
    scale_spaces={
        "smoke": {
            "model": Choice(values=("residual",)),
            "num_layers": Choice(values=(2, 4)),
            "residual_step": Choice(values=(2,)),
            "dropout": Choice(values=(0.2,)),
            "beam": Choice(values=(5,)),
        },
        "small": {
            "residual_step": Choice(values=(2,)),
            "dropout": Choice(values=(0.2,)),
            "beam": Choice(values=(5,)),
        },
        "paper": {"residual_step": Choice(values=(2,)), "dropout": Choice(values=(0.5,))},
    },
    selection_metric="val/perplexity",
    mode="min",
    test_metric="test/bleu",
)
