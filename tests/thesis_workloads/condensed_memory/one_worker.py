"""One of several workers that train together: `test_workers.py` starts it as a process of its own.

Usage: one_worker.py RANK WORLD_SIZE FOLDER. Writes what it got to FOLDER/rank-RANK.pt.
"""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from thesis_workloads.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.condensed_memory.train import train
from thesis_workloads.reporting import MemoryReporter

# 40 notes in batches of 13: the last batch is one note, so one of two workers has none.
CONFIG = CondensedMemoryConfig(
    num_labels=6,
    num_diseases=6,
    num_articles=8,
    embedding_dim=12,
    slot_dim=8,
    title_dim=5,
    gate_dim=4,
    epochs=3,
    batch_size=13,
    dropout=0.0,
    device="cpu",
)
EXAMPLES = {
    "condensed gated": CONFIG,
    "end-to-end softmax hashed": dataclasses.replace(
        CONFIG, model="memnn", addressing="softmax", hash_keys=3
    ),
    "averaged without slot loss": dataclasses.replace(CONFIG, model="averaged", slot_loss_weight=0.0),
}


def run(example):
    """Returns rows of metrics and weights."""
    spec = importlib.util.spec_from_file_location("tiny_notes", Path(__file__).parent / "conftest.py")
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    reporter = MemoryReporter()
    network = train(EXAMPLES[example], tiny.make_data(), reporter)
    return {"rows": reporter.rows, "weights": network.state_dict()}


def main(rank, world_size, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=world_size)
    torch.save({example: run(example) for example in EXAMPLES}, Path(folder) / f"rank-{rank}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
