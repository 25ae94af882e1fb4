"""One of several workers that train together: `test_workers.py` starts it as a process of its own.

Usage: one_worker.py RANK WORLD_SIZE FOLDER. Writes what it got to FOLDER/rank-RANK.pt.
"""

import importlib.util
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from thesis_workloads.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.highway_vqa.train import train
from thesis_workloads.reporting import MemoryReporter

# 18 questions in batches of 17: the last batch is one question, so one of two workers has none.
EXAMPLES = {
    model: HighwayVQAConfig(
        model=model, width=8, word_dim=6, epochs=2, batch_size=17, dropout=0.0, device="cpu"
    )
    for model in ("highway", "lstm-q+i")
}


def run(example):
    """Returns rows of metrics and weights."""
    spec = importlib.util.spec_from_file_location("tiny_questions", Path(__file__).parent / "conftest.py")
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
