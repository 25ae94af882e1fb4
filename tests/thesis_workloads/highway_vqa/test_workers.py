"""Two workers against one: the same weights for the same global batch."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parent / "one_worker.py"
ROOT = Path(__file__).parents[3]
EXAMPLES = ["highway", "lstm-q+i"]


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workloads"), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, SCRIPT, str(rank), "2", str(folder)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    return [torch.load(folder / f"rank-{rank}.pt", weights_only=True) for rank in range(2)]


@pytest.fixture(scope="module")
def single():
    spec = importlib.util.spec_from_file_location("one_vqa_worker", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {example: module.run(example) for example in module.EXAMPLES}


def numbers(result):
    return [{name: value for name, value in row.items() if name[:4] != "time"} for row in result["rows"]]


@pytest.mark.parametrize("example", EXAMPLES)
def test_both_workers_end_with_the_same_network_and_numbers(two_workers, example):
    first, second = (result[example] for result in two_workers)
    torch.testing.assert_close(first["weights"], second["weights"], rtol=0, atol=0)
    assert numbers(first) == numbers(second)


@pytest.mark.parametrize("example", EXAMPLES)
def test_two_workers_match_one_for_the_same_global_batch(two_workers, single, example):
    ours, theirs = two_workers[0][example], single[example]
    torch.testing.assert_close(ours["weights"], theirs["weights"], rtol=0, atol=2e-5)
    for name in ("train/loss", "val/loss", "val/accuracy", "val/confidence"):
        expected = [row[name] for row in theirs["rows"]]
        assert [row[name] for row in ours["rows"]] == pytest.approx(expected, rel=1e-4)
