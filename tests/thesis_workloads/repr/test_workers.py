"""Two workers against one: the same filters, and the same weights for the same global batch."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parent / "one_worker.py"
ROOT = Path(__file__).parents[3]


def run_workers(world_size, folder):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workloads"), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, SCRIPT, str(rank), str(world_size), str(folder)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(world_size)
    ]
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * world_size, errors
    return [torch.load(folder / f"rank-{rank}.pt", weights_only=True) for rank in range(world_size)]


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    return run_workers(2, tmp_path_factory.mktemp("workers"))


@pytest.fixture(scope="module")
def single():
    spec = importlib.util.spec_from_file_location("one_worker", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {example: module.run(example) for example in module.EXAMPLES}


def numbers(result):
    return [{name: value for name, value in row.items() if name[:4] != "time"} for row in result["rows"]]


@pytest.mark.parametrize("example", ["ortho", "oracle", "hessian", "taught", "dsd", "batch norm"])
def test_all_workers_prune_the_same_filters_and_end_with_the_same_network(two_workers, example):
    first, second = (result[example] for result in two_workers)
    torch.testing.assert_close(first["kept"], second["kept"], rtol=0, atol=0)
    torch.testing.assert_close(first["weights"], second["weights"], rtol=0, atol=0)
    assert numbers(first) == numbers(second)


@pytest.mark.parametrize("example", ["ortho", "oracle", "hessian", "taught", "dsd"])
def test_two_workers_match_one_for_the_same_global_batch(two_workers, single, example):
    ours, theirs = two_workers[0][example], single[example]
    torch.testing.assert_close(ours["kept"], theirs["kept"], rtol=0, atol=0)
    torch.testing.assert_close(ours["weights"], theirs["weights"], rtol=0, atol=1e-12)
    assert [row["train/loss"] for row in ours["rows"]] == pytest.approx(
        [row["train/loss"] for row in theirs["rows"]], abs=1e-12
    )


@pytest.mark.slow
def test_four_workers_match_one_for_the_same_global_batch(single, tmp_path):
    results = run_workers(4, tmp_path)
    for result in results:
        torch.testing.assert_close(result["ortho"]["kept"], single["ortho"]["kept"], rtol=0, atol=0)
        torch.testing.assert_close(result["ortho"]["weights"], single["ortho"]["weights"], rtol=0, atol=1e-12)
