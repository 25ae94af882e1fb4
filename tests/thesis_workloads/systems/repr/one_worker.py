"""Runs of RePr by one worker, or by several together (`test_workers.py`)."""

import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.train import train

EXAMPLES = {
    # 37 images in batches of 12: the last batch is one image, so one of two workers has none
    "ortho": RePrConfig(
        model="c2-6", s1=1, s2=1, n=2, epochs=5, batch_size=12, optimizer="momentum", device="cpu"
    ),
    "oracle": RePrConfig(
        model="c2-6", s1=1, s2=1, n=1, epochs=3, batch_size=12, metric="oracle", device="cpu"
    ),
    "hessian": RePrConfig(
        model="c2-6", s1=1, s2=1, n=1, epochs=3, batch_size=12, metric="hessian", num_ranking=20, device="cpu"
    ),
    "taught": RePrConfig(
        model="c2-6",
        s1=1,
        s2=1,
        n=1,
        epochs=4,
        batch_size=12,
        teacher="c1-4",
        teacher_epochs=1,
        ortho_loss=0.01,
        device="cpu",
    ),
    "dsd": RePrConfig(model="c2-6", scheme="dsd", s1=1, s2=1, n=1, epochs=3, batch_size=12, device="cpu"),
    # every worker sees statistics of its own part, so only agreement among them can be asked for
    "batch norm": RePrConfig(
        model="c2-6", s1=1, s2=1, n=1, epochs=3, batch_size=12, metric="oracle", batch_norm=True, device="cpu"
    ),
}


def part(size, seed):
    draws = torch.Generator().manual_seed(seed)
    images = torch.randn(size, 1, 5, 5, generator=draws, dtype=torch.float64)
    return LabelledImages(images=images, labels=torch.arange(size) % 3)


def run(example):
    """Returns rows of metrics, weights and every state's kept filters."""
    data = ImageSplits(
        train=part(37, 0),
        val=part(31, 1),
        test=part(31, 2),
        num_classes=3,
        name="noise",
        version="1",
        digest="0",
    )
    reporter = KeptReporter()
    network = train(EXAMPLES[example], data, reporter)
    return {"rows": reporter.rows, "weights": network.state_dict(), "kept": reporter.kept}


class KeptReporter(MemoryReporter):
    """Also keeps which filters every epoch trained."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        self.kept.append(self.state["kept"])
