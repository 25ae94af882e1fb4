"""Paraphrase models that one worker trains, or several together (`test_workers.py`)."""

import numpy as np

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import MARKS, ParaphraseData, number_pairs
from thesis_workloads.systems.residual_lstm.train import train
from thesis_workloads.text.vocabulary import Vocabulary

WORDS = tuple(f"w{number}" for number in range(60))
EXAMPLES = ("residual", "attention")


def pairs(count, seed):
    draws = np.random.default_rng(seed)
    rows = [draws.choice(WORDS, draws.integers(1, 5)) for _ in range(count)]
    return [(" ".join(row), " ".join(row[::-1])) for row in rows]


def data():
    """37 pairs in batches of 12: the last batch is one pair, so one of two workers has none."""
    vocabulary = Vocabulary((*MARKS, *WORDS))
    groups = pairs(11, 2)
    return ParaphraseData(
        train=number_pairs(pairs(37, 0), vocabulary),
        val=number_pairs(pairs(9, 1), vocabulary),
        test=number_pairs(groups, vocabulary),
        test_groups=groups,
        texts=[" ".join(row) for row in np.random.default_rng(5).choice(WORDS, (400, 6))],
        vocabulary=vocabulary,
        name="toy",
        version="1",
        digest="0",
        counts="",
    )


def run(model):
    config = ResidualLSTMConfig(
        model=model,
        hidden=8,
        dropout=0.0,
        epochs=2,
        batch_size=12,
        max_length=5,
        beam=2,
        clip_norm=0.5,
        device="cpu",
    )
    reporter = MemoryReporter()
    network = train(config, data(), reporter)
    return {"rows": reporter.rows, "weights": network.state_dict()}
