"""Workers that train together: what a folder's ``one_worker.py`` runs, alone and in several processes."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

PROCESS = Path(__file__).with_name("worker_process.py")
WORKLOADS = Path(__file__).parents[2] / "workloads"


@pytest.fixture(scope="module")
def one_worker(request):
    """The script next to the test."""
    return Path(request.path).with_name("one_worker.py")


@pytest.fixture(scope="module")
def run_workers(one_worker, tmp_path_factory):
    """Returns what each of so many processes got, by example."""

    def run(world_size):
        folder = tmp_path_factory.mktemp("workers")
        environment = os.environ | {"PYTHONPATH": str(WORKLOADS), "OMP_NUM_THREADS": "1"}
        processes = [
            subprocess.Popen(
                [sys.executable, PROCESS, one_worker, str(rank), str(world_size), str(folder)],
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(world_size)
        ]
        errors = [process.communicate(timeout=120)[1] for process in processes]
        assert [process.returncode for process in processes] == [0] * world_size, errors
        return [torch.load(folder / f"rank-{rank}.pt", weights_only=True) for rank in range(world_size)]

    return run


@pytest.fixture(scope="module")
def two_workers(run_workers):
    return run_workers(2)


@pytest.fixture(scope="module")
def single(one_worker):
    """What this process gets by itself."""
    spec = importlib.util.spec_from_file_location("worker_process", PROCESS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run_all(module.loaded(one_worker))


@pytest.fixture(scope="session")
def numbers():
    """Returns what a result reports, but for its times."""

    def reported(result):
        return [
            {name: value for name, value in row.items() if not name.startswith("time/")}
            for row in result["rows"]
        ]

    return reported
