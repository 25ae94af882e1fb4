"""Training of MS-ROI's network on Ray Train, when the process that trains is killed."""

import os
import signal
import threading
import time

import psutil
import pytest

from thesis.execution.training import train as training
from thesis.execution.training.workloads import find_workload
from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.tracking.journal import read_events
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.registry import find_system

pytestmark = pytest.mark.slow
TINY = {
    "image_size": 16,
    "num_train": 60,
    "num_val": 20,
    "stages": 2,
    "width": 4,
    "epochs": 8,
    "batch_size": 10,
}


def kill_worker_after(output_dir, *, epochs, killed):
    """Kills the process that trains once so many epochs are in the journal."""
    for _ in range(600):
        time.sleep(0.1)
        journals = list(output_dir.glob("*/journal.jsonl"))
        if journals and sum(event["event"] == "epoch" for event in read_events(journals[0])) >= epochs:
            break
    for process in psutil.Process().children(recursive=True):
        if process.is_running() and "RayTrainWorker" in " ".join(process.cmdline()):
            os.kill(process.pid, signal.SIGKILL)
            killed.append(process.pid)


def test_a_killed_worker_costs_no_epoch_and_changes_no_number(run, options, monkeypatch):
    monkeypatch.setattr(training, "_CHECKPOINT_EVERY_S", 0.0)
    config = make_config(find_system("ms-roi"), scale="smoke", overrides=TINY)
    plan = TrainPlan(system="ms-roi", scale="smoke", config=config, resources=Resources(cpus_per_worker=0.5))
    killed = []
    killer = threading.Thread(
        target=kill_worker_after, args=(options.output_dir,), kwargs={"epochs": 2, "killed": killed}
    )
    killer.start()
    outcome = run(plan)
    killer.join()
    assert len(killed) == 1
    (record,) = outcome.records
    assert record.status == "finished"
    assert [row["epoch"] for row in record.history] == list(range(1, 9))
    workload, reporter = find_workload("ms-roi"), MemoryReporter()
    workload.train(config, workload.load(config, None), reporter)
    undisturbed = [row["val/loss"] for row in reporter.rows]
    assert [row["val/loss"] for row in record.history] == pytest.approx(undisturbed, rel=1e-5)
