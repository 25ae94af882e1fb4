"""A disk that fills at any of six places: the system's error, nothing torn, and all goes on once there is room.

The file systems are small ones in memory; mounting them takes root:
pytest -m mount tests/thesis/execution/test_full_disk.py
"""

import contextlib
import errno
import os
import subprocess

import pytest
import torch

from thesis.cli.app import app, main
from thesis.cli.command_line import machine_error
from thesis.execution.storage.checkpoints import newest_state, save_state
from thesis.execution.storage.run_folder import create_run
from thesis.execution.storage.trial_cache import find_trial, keep_trial
from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.files import write_atomic
from thesis.tracking.journal import Journal, read_events
from thesis.tracking.mlflow.sender import Destination, JournalSender
from thesis.tracking.mlflow.store import open_experiment, tracking_uri
from thesis.tracking.records import read_records
from thesis_workloads.registry import find_system

needs_root = [pytest.mark.mount, pytest.mark.slow]
EXTRA = {"data_dir": "", "data_digest": ""}


class SmallDisk:
    """A file system of few bytes, which `fill` leaves none of."""

    def __init__(self, folder):
        self.folder = folder

    def fill(self, *, leave=0):
        with (self.folder / "filler").open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"\0" * 4096) == 4096:
                    pass
            file.truncate(max(0, file.tell() - leave))

    def free(self):
        (self.folder / "filler").unlink()


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    yield SmallDisk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def plan():
    config = make_config(find_system("repr"), scale="smoke", overrides={})
    return TrainPlan(system="repr", scale="smoke", config=config, resources=Resources())


def written_until_full(journal):
    """Returns the epoch that no longer fits."""
    for epoch in range(1, 1000):
        try:
            journal.epoch("a", {"epoch": epoch, "val/accuracy": 0.123456789})
        except OSError as error:
            return epoch if error.errno == errno.ENOSPC else 0
    return 0


class TestFullDisk:
    pytestmark = needs_root

    def test_the_journal_keeps_whole_lines_and_goes_on(self, disk):
        path = disk.folder / "journal.jsonl"
        journal = Journal(path)
        journal.start("a", name="a", config={"seed": 0}, is_baseline=False)
        disk.fill()
        epoch = written_until_full(journal)
        assert path.read_bytes().endswith(b"}\n")
        disk.free()
        journal.epoch("a", {"epoch": epoch, "val/accuracy": 0.5})
        journal.close()
        (record,) = read_records(read_events(path))
        assert [row["epoch"] for row in record.history] == list(range(1, epoch + 1))

    def test_a_run_that_can_not_be_noted_leaves_no_folder(self, disk):
        (disk.folder / ".runs.lock").touch()
        disk.fill()
        with pytest.raises(OSError, match="space"):
            create_run(disk.folder, plan(), fresh=False, extra=EXTRA)
        assert not list(disk.folder.glob("repr-*"))
        disk.free()
        assert create_run(disk.folder, plan(), fresh=False, extra=EXTRA)[1] is False

    def test_a_checkpoint_is_whole_or_not_there_and_the_one_before_serves(self, disk):
        run, _ = create_run(disk.folder, plan(), fresh=False, extra=EXTRA)
        folders = [run.ray / "train" / f"checkpoint_{number}" for number in (1, 2)]
        for folder in folders:
            folder.mkdir(parents=True)
        save_state({"epoch": 1}, folders[0])
        disk.fill()
        with pytest.raises(OSError, match="space"):
            save_state({"epoch": 2, "weights": torch.zeros(10**6)}, folders[1])
        assert newest_state(run, "a") == {"epoch": 1}
        disk.free()
        save_state({"epoch": 2}, folders[1])
        assert newest_state(run, "a") == {"epoch": 2}

    def test_a_finished_trial_is_kept_whole_or_not_at_all(self, disk):
        journal = Journal(disk.folder / "journal.jsonl")
        journal.start("a", name="a", config={"text": "x" * 9000}, is_baseline=False)
        journal.epoch("a", {"epoch": 1})
        journal.end("a", status="finished")
        (record,) = read_records(read_events(journal.path))
        (disk.folder / "trials").mkdir()
        disk.fill()
        with pytest.raises(OSError, match="space"):
            keep_trial(disk.folder, "a", record, run="r")
        assert find_trial(disk.folder, "a") is None
        assert not list((disk.folder / "trials").iterdir())
        disk.free()
        keep_trial(disk.folder, "a", record, run="r")
        assert find_trial(disk.folder, "a").run == "r"

    def test_an_image_is_written_whole_or_the_old_one_stays(self, disk):
        target = disk.folder / "a.png"
        write_atomic(target, b"old")
        disk.fill()
        with pytest.raises(OSError, match="space"):
            write_atomic(target, b"new" * 9000)
        assert target.read_bytes() == b"old"
        assert {path.name for path in disk.folder.iterdir()} == {"a.png", "filler"}

    def test_mlflow_gets_the_rest_once_there_is_room(self, disk, monkeypatch):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        monkeypatch.setattr("thesis.tracking.mlflow.sender._MAX_PAUSE_S", 0.1)
        uri = tracking_uri(disk.folder)
        experiment_id = open_experiment(uri, name="x", output_dir=disk.folder, tags={})
        journal = Journal(disk.folder / "journal.jsonl")
        journal.start("a", name="a", config={"seed": 0}, is_baseline=False)
        for epoch in range(1, 400):
            journal.epoch("a", {"epoch": epoch, **{f"val/metric-{number}": 0.5 for number in range(9)}})
        journal.end("a", status="finished")
        to = Destination(
            uri=uri,
            experiment_id=experiment_id,
            key="a",
            name="a",
            parent_run_id=None,
            tags={},
            dataset={"name": "d", "version": "1", "digest": "d"},
        )
        disk.fill()
        sender = JournalSender(journal.path, to)
        sender.start()
        assert not sender.close(timeout_s=120)
        assert sender.pending_bytes() > 0
        disk.free()
        again = JournalSender(journal.path, to)
        again.start()
        assert again.close(timeout_s=120)


def test_a_torn_checkpoint_is_passed_over(tmp_path):
    run, _ = create_run(tmp_path, plan(), fresh=False, extra=EXTRA)
    for number, content in ((1, None), (2, b"PK\3\4 torn"), (3, b"")):
        folder = run.ray / "train" / f"checkpoint_{number}"
        folder.mkdir(parents=True)
        save_state({"epoch": number}, folder)
        os.utime(folder / "state.pt", (number, number))
        if content is not None:
            (folder / "state.pt").write_bytes(content)
    assert newest_state(run, "a") == {"epoch": 1}


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, 1), (errno.EDQUOT, 1), (errno.EROFS, 1), (errno.EACCES, 1)]
)
def test_a_fault_of_the_machine_is_one_line_whatever_command_meets_it(monkeypatch, capsys, number, code):
    def fail() -> None:
        raise OSError(number, os.strerror(number), "runs/mlflow.db")

    command = next(each for each in app.registered_commands if each.name == "list")
    monkeypatch.setattr(command, "callback", fail)
    monkeypatch.setattr("sys.argv", ["thesis", "list"])
    with pytest.raises(SystemExit) as caught:
        main()
    printed = capsys.readouterr().err
    assert (caught.value.code, len(printed.splitlines())) == (code, 1)
    assert "runs/mlflow.db" in printed


def test_other_errors_are_not_taken_for_the_machines():
    assert machine_error(OSError("something else")) is None
