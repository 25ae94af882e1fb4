"""Two workers get what one gets, though each sees half of every batch and one of them none of the last."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parent / "one_worker.py"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workloads")}
    started = [
        subprocess.Popen([sys.executable, SCRIPT, str(rank), str(size), folder], env=environment)
        for size in (1, 2)
        for rank in range(size)
    ]
    assert [process.wait(timeout=120) for process in started] == [0, 0, 0]
    names = ["rank-0-of-1", "rank-0-of-2", "rank-1-of-2"]
    return [torch.load(folder / f"{name}.pt") for name in names]


@pytest.mark.parametrize("model", ["residual", "attention"])
def test_two_workers_train_the_weights_of_one(results, model):
    alone, first, second = (result[model]["weights"] for result in results)
    torch.testing.assert_close(first, alone, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(first, second, rtol=0, atol=0)


@pytest.mark.parametrize("model", ["residual", "attention"])
def test_every_worker_reports_the_numbers_of_one(results, model):
    alone, first, second = (
        [{k: v for k, v in row.items() if not k.startswith("time/")} for row in result[model]["rows"]]
        for result in results
    )
    assert first == second
    for row, expected in zip(first, alone, strict=True):
        assert row == pytest.approx(expected, rel=1e-4)
