"""A toy task that a network learns in seconds: say the numbers of a short sentence backwards."""

import numpy as np
import pytest

from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import MARKS, ParaphraseData, number_pairs
from thesis_workloads.text.vocabulary import Vocabulary

WORDS = tuple(f"w{number}" for number in range(12))


def toy_pairs(count, seed):
    draws = np.random.default_rng(seed)
    rows = [draws.choice(WORDS, draws.integers(1, 5)) for _ in range(count)]
    return [(" ".join(row), " ".join(row[::-1])) for row in rows]


@pytest.fixture
def toy_config():
    return ResidualLSTMConfig(
        hidden=16,
        num_layers=4,
        dropout=0.0,
        epochs=3,
        batch_size=12,
        max_length=5,
        beam=3,
        init_range=0.3,
        device="cpu",
    )


@pytest.fixture
def toy_data():
    train = toy_pairs(37, 0)
    vocabulary = Vocabulary((*MARKS, *WORDS))
    groups = [(source, target, target) for source, target in toy_pairs(21, 2)]
    return ParaphraseData(
        train=number_pairs(train, vocabulary),
        val=number_pairs(toy_pairs(20, 1), vocabulary),
        test=number_pairs([group[:2] for group in groups], vocabulary),
        test_groups=groups,
        texts=[" ".join(WORDS), *(" ".join(row) for row in np.random.default_rng(5).choice(WORDS, (200, 6)))],
        vocabulary=vocabulary,
        name="toy",
        version="1",
        digest="0",
        counts="",
    )
