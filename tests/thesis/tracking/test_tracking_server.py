"""Eight trials log at once to a tracking server that is its own process, and that is away for a minute meanwhile."""

import os
import subprocess
import sys
import time

import pytest
import ray_nodes as _nodes
import servers as _servers
from mlflow import MlflowClient

from thesis.tracking.journal import read_events
from thesis.tracking.mlflow.store import open_experiment

pytestmark = [pytest.mark.ray, pytest.mark.slow]

AWAY_S = 60.0
EPOCHS = 300
COMMAND = [
    "sweep", "repr", "--scale", "smoke", "--seeds", "4", "--space", "p=30", "--cpus-per-worker", "0.25", "--set",
    f"epochs={EPOCHS}", "--set", "s1=2", "--set", "s2=1", "--set", "n=1",
]  # fmt: skip
# Epochs of a few milliseconds would be over before the server is back, and say nothing of a slow one.
PACED = """
import time as _time

_report = RayReporter.report


def _paced(self, metrics, *, state=None):
    _time.sleep(0.3)
    _report(self, metrics, state=state)


RayReporter.report = _paced
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    if request.param == "sqlite":
        uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
        open_experiment(uri, name="repr", output_dir=tmp_path, tags={})
        yield uri
        return
    pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    programs = _servers.database_programs()
    if programs is None:
        pytest.skip("needs PostgreSQL (Debian: apt-get install postgresql)")
    with _servers.database(programs) as uri:
        yield uri


def journal_of(folder):
    return next(iter(folder.glob("runs/repr-sweep-*/journal.jsonl")), None)


def epochs_by_trial(journal):
    found: dict[str, list[dict]] = {}
    for event in read_events(journal) if journal else ():
        if event["event"] == "epoch":
            found.setdefault(event["trial"], []).append(event)
    return found


def start_sweep(folder, uri):
    root = _nodes.copy_checkout(folder / "checkout", reporter=PACED)
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    environment |= {
        "MLFLOW_TRACKING_URI": uri,
        "PYTHONPATH": f"{root / 'platform'}:{root / 'workloads'}",
    }
    with (folder / "sweep.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "thesis", *COMMAND],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )


def test_nothing_is_lost_or_out_of_order_when_the_server_is_away_for_a_minute(store, tmp_path):
    with _servers.tracking_server(store, tmp_path) as server:
        sweep = start_sweep(tmp_path, server.uri)

        def all_run():
            assert sweep.poll() is None, (tmp_path / "sweep.log").read_text()
            last = [rows[-1]["metrics"]["epoch"] for rows in epochs_by_trial(journal_of(tmp_path)).values()]
            return len(last) == 8 and min(last) >= 20

        _nodes.wait_until(all_run, "eight trials that run at once")
        journal = journal_of(tmp_path)
        server.stop()
        before = sum(map(len, epochs_by_trial(journal).values()))
        time.sleep(AWAY_S)
        meanwhile = sum(map(len, epochs_by_trial(journal).values())) - before
        assert sweep.poll() is None
        server.start()
        assert sweep.wait(timeout=_nodes.LIMIT_S) == 0, (tmp_path / "sweep.log").read_text()

        # Training went on while nobody listened.
        assert meanwhile > 8 * 20
        client = MlflowClient(server.uri)
        experiment = client.get_experiment_by_name("repr")
        runs = client.search_runs([experiment.experiment_id], "tags.`thesis.level` = 'trial'")
        assert [run.info.status for run in runs] == ["FINISHED"] * 8
        written = epochs_by_trial(journal)
        for run in runs:
            rows = written[run.data.tags["thesis.key"].rpartition("/")[2]]
            assert [row["metrics"]["epoch"] for row in rows] == list(range(1, EPOCHS + 1))
            for name in rows[0]["metrics"]:
                history = client.get_metric_history(run.info.run_id, name)
                assert [(point.step, point.timestamp, point.value) for point in history] == [
                    (row["metrics"]["epoch"], row["time_ms"], row["metrics"][name]) for row in rows
                ]
