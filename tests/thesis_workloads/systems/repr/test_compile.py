"""Graphs made by torch.compile train like the network itself, through pruning and restoring."""

import dataclasses

import pytest

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.readers.splits import load_images
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.train import train


@pytest.mark.slow
def test_a_compiled_run_has_the_numbers_of_the_plain_one():
    config = RePrConfig(
        model="c2-8", num_train=100, num_val=100, epochs=4, s1=1, s2=1, n=1, batch_size=32, device="cpu"
    )
    data = load_images("digits", data_dir=None, num_train=100, num_val=100)
    plain, compiled = MemoryReporter(), MemoryReporter()
    train(config, data, plain)
    train(dataclasses.replace(config, compile=True), data, compiled)
    for ours, theirs in zip(compiled.rows, plain.rows, strict=True):
        assert ours["repr/num_filters"] == theirs["repr/num_filters"]
        assert ours["train/loss"] == pytest.approx(theirs["train/loss"], rel=1e-4)
