"""A sweep on a cluster that loses, one after the other, whatever it can lose."""

import collections
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
import ray_nodes as _nodes
from mlflow import MlflowClient

from thesis.tracking.journal import Journal, read_events

pytestmark = [pytest.mark.ray, pytest.mark.slow]

EPOCHS = 120
NUM_TRIALS = 6
COMMAND = [
    "sweep", "repr", "--scale", "smoke", "--seeds", "3", "--space", "p=30", "--set", f"epochs={EPOCHS}",
    "--set", "s1=2", "--set", "s2=1", "--set", "n=1",
]  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """What a sweep leaves in its folder while it runs."""

    output_dir: Path

    @property
    def folder(self) -> Path:
        (path,) = self.output_dir.glob("repr-sweep-*")
        return path

    def events(self):
        return list(read_events(self.folder / "journal.jsonl"))

    def num(self, kind: str) -> int:
        return sum(event["event"] == kind for event in self.events())

    def running(self) -> list[str]:
        journal = Journal(self.folder / "journal.jsonl")
        journal.close()
        return journal.unended()

    def can_lose(self, count: int) -> bool:
        """Returns whether so many trials run, none near its end, and each has left a checkpoint."""
        last: collections.Counter[str] = collections.Counter()
        for event in self.events():
            if event["event"] == "epoch":
                last[event["trial"]] = event["metrics"]["epoch"]
        running = self.running()
        states = [list(self.folder.glob(f"ray/tune/{trial}/checkpoint_*/state.pt")) for trial in running]
        return len(running) >= count and all(states) and all(last[trial] < 0.8 * EPOCHS for trial in running)

    def wait_until_it_can_lose(self, count: int) -> None:
        def can() -> bool:
            return bool(list(self.output_dir.glob("repr-sweep-*/journal.jsonl"))) and self.can_lose(count)

        _nodes.wait_until(can, f"{count} running trials with checkpoints")


# Epochs of milliseconds would be over before something can be lost.
NOTING = """
import ray.tune
import time as _time

_report = RayReporter.report


def _noting(self, metrics, *, state=None):
    _time.sleep(0.2)
    with open(f"{folder}/{{ray.tune.get_context().get_trial_name()}}", "a") as file:
        file.write(f"{{int(metrics['epoch'])}}\\n")
    _report(self, metrics, state=state)


RayReporter.report = _noting
"""


@pytest.fixture
def counting(tmp_path):
    """A copy of the checkout whose trials take their time and note each epoch that they really train."""
    trained = tmp_path / "trained"
    trained.mkdir()
    return _nodes.copy_checkout(tmp_path / "checkout", reporter=NOTING.format(folder=trained))


def test_a_sweep_outlives_a_node_a_trial_its_driver_and_the_head(counting, tmp_path):
    sweep = Sweep(tmp_path / "runs")
    command = [*COMMAND, "--output-dir", str(sweep.output_dir)]
    with _nodes.ray_nodes() as nodes:
        nodes.start_head(num_cpus=0)
        workers = [nodes.start_worker(), nodes.start_worker()]
        first = nodes.thesis("submit", "--no-wait", "--", *command, checkout=counting).stdout.strip()
        _nodes.wait_until(lambda: all(nodes.trials_on(worker) for worker in workers), "a trial on each node")

        sweep.wait_until_it_can_lose(2)
        nodes.kill(workers[1])
        _nodes.wait_until(lambda: sweep.num("retry") >= 1, "a trial that lost its node")

        workers[1] = nodes.start_worker()
        _nodes.wait_until(lambda: nodes.trials_on(workers[1]), "a trial on the node that joined")
        sweep.wait_until_it_can_lose(2)
        retries = sweep.num("retry")
        os.kill(nodes.trials_on(workers[0])[0], signal.SIGKILL)
        _nodes.wait_until(lambda: sweep.num("retry") > retries, "a trial that lost its process")

        sweep.wait_until_it_can_lose(2)
        for pid in nodes.drivers():
            os.kill(pid, signal.SIGKILL)
        ended = nodes.thesis("jobs", "logs", "--follow", first)
        assert ended.returncode == 137, ended.stdout + ended.stderr

        resume = ["resume", sweep.folder.name, "--output-dir", str(sweep.output_dir)]
        epochs = sweep.num("epoch")
        nodes.thesis("submit", "--no-wait", "--", *resume, checkout=counting)
        _nodes.wait_until(lambda: sweep.num("epoch") > epochs, "an epoch after the driver's end")
        # One that has ended must not be run again.
        _nodes.wait_until(lambda: sweep.num("end") >= 1, "the end of a trial")
        sweep.wait_until_it_can_lose(2)
        nodes.kill(nodes.head)
        before = sweep.events()
        nodes.start_head(num_cpus=0)
        nodes.start_worker()
        nodes.start_worker()
        done = nodes.thesis("submit", "--", *resume, checkout=counting)
        assert done.returncode == 0, done.stdout + done.stderr

    events = sweep.events()
    finished = [e["trial"] for e in events if e["event"] == "end" and e["status"] == "finished"]
    assert len(finished) == len(set(finished)) == NUM_TRIALS
    assert any(event["event"] == "end" and event["status"] == "finished" for event in before)
    trained = {path.name: path.read_text().split() for path in (tmp_path / "trained").iterdir()}
    assert trained.keys() == set(finished)
    assert all({*map(int, found)} == {*range(1, EPOCHS + 1)} for found in trained.values())
    # None began anew: each had left a checkpoint when it was interrupted.
    assert {trial: found.count("1") for trial, found in trained.items()} == dict.fromkeys(finished, 1)
    # Nor was a finished one touched again.
    assert all(found.count(str(EPOCHS)) == 1 for found in trained.values())

    client = MlflowClient(f"sqlite:///{sweep.output_dir / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("repr").experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"] * (NUM_TRIALS + 1)
    for run in runs:
        if "mlflow.parentRunId" in run.data.tags:
            history = client.get_metric_history(run.info.run_id, "val/accuracy")
            assert [metric.step for metric in history] == list(range(1, EPOCHS + 1))
