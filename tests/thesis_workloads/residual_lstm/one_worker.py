"""One of several workers that train together: `test_workers.py` starts it as a process of its own.

Usage: one_worker.py RANK WORLD_SIZE FOLDER. Writes rows and weights to FOLDER/rank-RANK.pt.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from thesis_workloads.reporting import MemoryReporter
from thesis_workloads.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.residual_lstm.data import MARKS, ParaphraseData, number_pairs
from thesis_workloads.residual_lstm.train import train
from thesis_workloads.text.vocabulary import Vocabulary

WORDS = tuple(f"w{number}" for number in range(60))
MODELS = ("residual", "attention")


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


def main(rank, world_size, folder):
    torch.set_num_threads(1)
    if world_size > 1:
        store = f"file://{folder}/store"
        dist.init_process_group("gloo", init_method=store, rank=rank, world_size=world_size)
    torch.save({model: run(model) for model in MODELS}, Path(folder) / f"rank-{rank}-of-{world_size}.pt")
    if world_size > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
