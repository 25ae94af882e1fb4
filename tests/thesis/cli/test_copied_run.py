"""An interrupted sweep whose output folder is copied as a whole goes on in the copy; a second command is refused."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import thesis as platform
import thesis_workloads
from thesis.tracking.journal import read_events
from thesis.tracking.records import read_records

pytestmark = [pytest.mark.ray, pytest.mark.slow]

COMMAND = ["sweep", "repr", "--seeds", "1", "--space", "p=20,40", "--set", "epochs=60", "--set", "s1=20", "--set",
           "s2=10", "--set", "n=1", "--quiet"]  # fmt: skip
LIMIT_S = 400


def start(folder, *arguments):
    roots = [str(Path(each.__file__).parents[1]) for each in (platform, thesis_workloads)]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "RAY_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "thesis", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": os.pathsep.join(roots)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for_epochs(folder, count):
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        for path in folder.glob("runs/*/journal.jsonl"):
            if sum(event["event"] == "epoch" for event in read_events(path)) >= count:
                return path
        time.sleep(0.2)
    raise TimeoutError(f"the journal never had {count} epochs")


def test_a_copied_output_folder_goes_on_alone_and_a_second_command_is_refused(tmp_path):
    first = start(tmp_path, *COMMAND)
    try:
        journal = wait_for_epochs(tmp_path, 20)
        second = start(tmp_path, *COMMAND)
        said, _ = second.communicate(timeout=LIMIT_S)
        assert second.returncode == 2, said
        assert f"is being run by process {first.pid} on" in said
    finally:
        os.killpg(first.pid, signal.SIGINT)
    said, _ = first.communicate(timeout=LIMIT_S)
    assert first.returncode == 130, said

    before = journal.read_bytes()
    shutil.copytree(tmp_path / "runs", tmp_path / "copy" / "runs")
    done = start(tmp_path / "copy", "resume", "--quiet")
    said, _ = done.communicate(timeout=LIMIT_S)
    assert done.returncode == 0, said
    assert journal.read_bytes() == before
    copied = tmp_path / "copy" / journal.relative_to(tmp_path)
    records = read_records(read_events(copied))
    assert [record.status for record in records] == ["finished"] * len(records)
    assert all([row["epoch"] for row in record.history] == list(range(1, 61)) for record in records)
    assert (copied.parent / "complete").exists()
    assert not (journal.parent / "complete").exists()
    with sqlite3.connect(tmp_path / "copy" / "runs" / "mlflow.db") as store:
        places = [place for (place,) in store.execute("SELECT artifact_uri FROM runs")]
    assert all(place.startswith((tmp_path / "copy" / "runs").as_uri()) for place in places)
