"""Networks that answer questions, trained by one worker or several together (`test_workers.py`)."""

import dataclasses
import importlib.util
from pathlib import Path

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.train import train

# 18 questions in batches of 17: the last batch is one question, so one of two workers has none.
EXAMPLES = {
    model: HighwayVQAConfig(
        model=model, width=8, word_dim=6, epochs=2, batch_size=17, dropout=0.0, device="cpu"
    )
    for model in ("highway", "lstm-q+i")
}
EXAMPLES["random words"] = dataclasses.replace(EXAMPLES["highway"], words="random", projection="shared")


def run(example):
    """Returns rows of metrics and weights."""
    spec = importlib.util.spec_from_file_location("tiny_questions", Path(__file__).parent / "conftest.py")
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    reporter = MemoryReporter()
    network = train(EXAMPLES[example], tiny.make_data(), reporter)
    return {"rows": reporter.rows, "weights": network.state_dict()}
