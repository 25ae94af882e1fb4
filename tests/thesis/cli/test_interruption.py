"""A sweep that is interrupted, killed and resumed, as its user would do it."""

import collections
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from mlflow import MlflowClient

from thesis.tracking.journal import read_events

pytestmark = pytest.mark.ray

COMMAND = [
    "sweep", "repr", "--seeds", "1", "--space", "p=20,30,40", "--set", "epochs=60", "--set", "s1=20",
    "--set", "s2=10", "--set", "n=1", "--quiet",
]  # fmt: skip
LIMIT_S = 240


@pytest.fixture
def thesis(tmp_path):
    """Starts a command in an empty folder, as the leader of its own process group."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MLFLOW_TRACKING_URI", "RAY_ADDRESS")
    }

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "thesis", *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    return start


def journal_of(folder: Path) -> Path | None:
    return next(iter(folder.glob("runs/*/journal.jsonl")), None)


def wait_for_epochs(folder: Path, count: int) -> None:
    """Waits until the journal has so many more epochs of trials that have not ended."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        path = journal_of(folder)
        if path is not None and sum(event["event"] == "epoch" for event in read_events(path)) >= count:
            return
        time.sleep(0.2)
    raise TimeoutError(f"the journal never had {count} epochs")


def trials_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Returns the processes that run trials for this command, and for no other on the machine."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "ray::ImplicitFunc" in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_after_ctrl_c_and_kill_9_the_sweep_ends_with_every_trial_once_and_no_gap(thesis, tmp_path):
    first = thesis(*COMMAND)
    wait_for_epochs(tmp_path, 40)
    os.killpg(first.pid, signal.SIGINT)
    said, _ = first.communicate(timeout=LIMIT_S)
    assert first.returncode == 130, said
    assert "thesis resume repr-sweep-" in said
    path = journal_of(tmp_path)
    assert path is not None
    killed = [event for event in read_events(path) if event["event"] == "end" and event["status"] == "killed"]
    assert killed

    before = sum(event["event"] == "epoch" for event in read_events(path))
    second = thesis("resume", "--quiet")
    wait_for_epochs(tmp_path, before + 20)
    second.kill()
    second.communicate(timeout=LIMIT_S)

    before = sum(event["event"] == "epoch" for event in read_events(path))
    third = thesis("resume", "--quiet")
    wait_for_epochs(tmp_path, before + 20)
    trials_of(third)[0].kill()
    said, _ = third.communicate(timeout=LIMIT_S)
    assert third.returncode == 0, said

    epochs = collections.defaultdict(list)
    starts: collections.Counter[str] = collections.Counter()
    for event in read_events(path):
        if event["event"] == "epoch":
            epochs[event["trial"]].append(event["metrics"]["epoch"])
        starts[event["trial"]] += event["event"] == "start"
    assert len(epochs) == 4
    assert all(steps == list(range(1, 61)) for steps in epochs.values())

    client = MlflowClient(f"sqlite:///{tmp_path / 'runs' / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("repr")
    runs = client.search_runs([experiment.experiment_id])
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert [run.info.status for run in runs] == ["FINISHED"] * 5
    assert len(children) == 4
    for run in children:
        history = client.get_metric_history(run.info.run_id, "val/accuracy")
        assert sorted(metric.step for metric in history) == list(range(1, 61))
