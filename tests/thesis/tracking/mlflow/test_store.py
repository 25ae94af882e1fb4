"""A new tracking store that several commands open at once."""

import os
import subprocess
import sys
import threading

import pytest

from thesis.tracking.mlflow import sqlite_file

# Two processes that have imported MLflow already, so that both are at the store at the same moment.
_OPEN_TWICE = """
import multiprocessing, sys
from pathlib import Path
import mlflow
import mlflow.store.tracking.sqlalchemy_store
from thesis.tracking.mlflow.store import open_experiment, tracking_uri

def open_it(barrier):
    barrier.wait(timeout=60)
    folder = Path(sys.argv[1])
    print(open_experiment(tracking_uri(folder), name="repr", output_dir=folder, tags={}), flush=True)

fork = multiprocessing.get_context("fork")
barrier = fork.Barrier(2)
both = [fork.Process(target=open_it, args=(barrier,)) for _ in range(2)]
for each in both:
    each.start()
for each in both:
    each.join(60)
sys.exit(max(each.exitcode for each in both))
"""


@pytest.mark.slow
def test_two_commands_that_open_a_new_store_at_once_share_it(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", _OPEN_TWICE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["1", "1"]


def test_a_store_that_was_left_half_made_is_made_anew(tmp_path, monkeypatch):
    made = []

    def make(uri):
        path = tmp_path / "mlflow.db.part"
        assert not path.exists()
        path.write_bytes(b"whole")
        made.append(uri)

    monkeypatch.setattr(sqlite_file, "_make_tables", make)
    (tmp_path / "mlflow.db.part").write_bytes(b"half")
    threads = [
        threading.Thread(target=sqlite_file.make_sqlite_file, args=(f"sqlite:///{tmp_path / 'mlflow.db'}",))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert (tmp_path / "mlflow.db").read_bytes() == b"whole"


def test_a_server_and_a_folder_that_is_not_there_are_left_to_mlflow(tmp_path):
    sqlite_file.make_sqlite_file("http://127.0.0.1:5000")
    sqlite_file.make_sqlite_file(f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}")
    assert list(tmp_path.iterdir()) == []
