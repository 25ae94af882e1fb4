"""A positive control: a deep stack copies its source where, and only where, the residual path is there."""

import numpy as np
import pytest
import torch

from thesis_workloads.systems.residual_lstm.data import MARKS, number_pairs
from thesis_workloads.systems.residual_lstm.epoch import cross_entropy_per_word, train_epoch
from thesis_workloads.systems.residual_lstm.model import build_paraphraser
from thesis_workloads.text.vocabulary import Vocabulary
from thesis_workloads.training.seeding import generator

CPU = torch.device("cpu")
WORDS = tuple(f"w{number}" for number in range(12))
NUM_PAIRS, BATCH, EPOCHS = 400, 20, 12


def copied(count, seed):
    draws = np.random.default_rng(seed)
    rows = [" ".join(draws.choice(WORDS, draws.integers(1, 4))) for _ in range(count)]
    return number_pairs([(row, row) for row in rows], Vocabulary((*MARKS, *WORDS)))


def loss_of_six_layers(model):
    """Returns the held-out cross entropy per word (nats) of one to three words said again, after 240 steps."""
    network = build_paraphraser(
        model, num_words=15, width=24, num_layers=6, residual_step=2, dropout=0.0, init_range=0.3, seed=0
    )
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    train = copied(NUM_PAIRS, 0)
    for epoch in range(EPOCHS):
        order = torch.randperm(NUM_PAIRS, generator=generator("order", epoch))
        train_epoch(network, optimizer, train, batches=list(order.split(BATCH)), clip_norm=5.0, device=CPU)
    return cross_entropy_per_word(network, copied(100, 1), device=CPU)


@pytest.mark.parametrize(("model", "can_copy"), [("residual", True), ("seq2seq", False)])
def test_six_layers_copy_where_a_residual_path_carries_the_words(model, can_copy):
    # Without a look at the source the best is 1.67 nats: the length's and the words' entropies, per word.
    assert (loss_of_six_layers(model) < 1.0) is can_copy
