"""A study as a stranger writes it: an MLP of one's own on a CSV of one's own."""

from dataclasses import dataclass

import numpy as np
import torch

from thesis_workloads.contract import Choice, Experiment, Workload


@dataclass(frozen=True)
class Config:
    width: int = 8
    learning_rate: float = 0.05
    epochs: int = 4
    seed: int = 0


def load(config, data_dir):
    table = np.loadtxt(data_dir / "points.csv", delimiter=",", skiprows=1, dtype=np.float32)
    return torch.from_numpy(table[:, :-1]), torch.from_numpy(table[:, -1:])


def train(config, data, reporter):
    torch.manual_seed(config.seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(2, config.width), torch.nn.ReLU(), torch.nn.Linear(config.width, 1)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=config.learning_rate)
    for epoch in range(1, config.epochs + 1):
        loss = torch.nn.functional.mse_loss(net(data[0]), data[1])
        optimizer.zero_grad(), loss.backward(), optimizer.step()
        reporter.report({"epoch": epoch, "val/loss": loss.item(), "test/loss": loss.item()})


STUDY = Experiment(name="tabular-mlp", config=Config, workload=Workload(load=load, train=train),
                   space={"width": Choice(values=(4, 16))}, baseline={"width": 1}, baseline_ignores=("width",),
                   selection_metric="val/loss", test_metric="test/loss", mode="min")  # fmt: skip
