"""Memory networks that one worker trains, or several together (`test_workers.py`)."""

import dataclasses
import importlib.util
from pathlib import Path

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.train import train

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
