"""Folders of runs: named strictly, held by one process, copied and moved as a whole, none left of what never began."""

import json
import multiprocessing
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from thesis.execution.cluster.signals import sigterm_as_sigint
from thesis.execution.storage import run_lock
from thesis.execution.storage.run_folder import (
    RunFolder,
    check_home,
    check_writable,
    create_run,
    find_run,
    runs_of,
    stored_extra,
)
from thesis.execution.storage.run_lock import run_lock as held
from thesis.execution.storage.run_names import is_run_name, new_numbered_folder, numbered_folders
from thesis.execution.training import job as jobs
from thesis.execution.training import tune_callback as tune_journal
from thesis.execution.training.tune_callback import TuneJournal
from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system

EXTRA = {"data_dir": "", "data_digest": ""}


def plan_of(system="repr", **overrides):
    config = make_config(find_system(system), scale="smoke", overrides=overrides)
    return TrainPlan(system=system, scale="smoke", config=config, resources=Resources())


def new_run(output_dir, **overrides):
    return create_run(output_dir, plan_of(**overrides), fresh=False, extra=EXTRA)


def test_a_copy_beside_the_original_is_a_stranger(tmp_path):
    first, _ = new_run(tmp_path)
    for name in ("backup", "1 (copy)", "01", "x-2"):
        shutil.copytree(first.path, tmp_path / f"{first.name}-{name}")
    (tmp_path / f"{first.name[:-2]}-7").touch()  # a file, not a folder
    assert new_run(tmp_path) == (first, True)
    first.mark_complete()
    assert new_run(tmp_path)[0].name == first.name.removesuffix("-1") + "-2"
    os.utime(tmp_path / f"{first.name}-backup" / "plan.json")
    assert find_run(tmp_path, None).name.endswith("-2")
    assert find_run(tmp_path, f"{first.name}-backup").name.endswith("-backup")


@pytest.mark.parametrize(
    ("name", "is_run"),
    [("repr-train-1a2b3c4d-1", True), ("repr-train-1a2b3c4d-1-backup", False), ("repr-train-1a2b3c4d-0", False),
     ("1a2b3c4d-1", False), ("repr-table-5.1-1a2b3c4d-12", True), ("repr-train-1a2b3c4d-\u0661", False)],
)  # fmt: skip
def test_names_of_runs_are_parsed_strictly(name, is_run):
    assert is_run_name(name) == is_run


def test_the_runs_of_a_system_are_not_those_of_a_longer_name(tmp_path):
    run, _ = create_run(tmp_path, plan_of("ms-roi"), fresh=False, extra=EXTRA)
    create_run(tmp_path, plan_of("ms-roi-encoder"), fresh=False, extra=EXTRA)
    broken = tmp_path / "msroi-train-00000000-1"
    broken.mkdir()
    (broken / "plan.json").write_text("{")
    assert runs_of(tmp_path, "ms-roi") == [run]


def _make(folder, names):
    names.put(new_numbered_folder(folder, "a").name)


def test_processes_that_make_folders_at_once_get_different_ones(tmp_path):
    context = multiprocessing.get_context("fork")
    names = context.Queue()
    workers = [context.Process(target=_make, args=(tmp_path, names)) for _ in range(8)]
    for worker in workers:
        worker.start()
    made = {names.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    assert made == {f"a-{number}" for number in range(1, 9)}
    assert list(numbered_folders(tmp_path, "a")) == list(range(1, 9))


HOLD = "import sys, time; from pathlib import Path; from thesis.execution.storage.run_lock import run_lock\n" \
       "with run_lock(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(600)"  # fmt: skip


@pytest.fixture
def holder(tmp_path):
    path = os.pathsep.join(each for each in sys.path if each)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_process_is_told_which_one_holds_the_run(tmp_path, holder):
    with pytest.raises(UserError, match=rf"process {holder.pid} on {socket.gethostname()}"), held(tmp_path):
        pass
    holder.send_signal(signal.SIGKILL)  # leaves its name in the file
    holder.wait()
    assert str(holder.pid) in (tmp_path / "lock").read_text()
    with held(tmp_path):
        assert str(os.getpid()) in (tmp_path / "lock").read_text()
    assert (tmp_path / "lock").read_text() == ""


def test_a_lock_of_another_machine_counts_while_its_run_goes_on(tmp_path):
    (tmp_path / "lock").write_text(json.dumps({"pid": 7, "host": "elsewhere", "since": "today"}))
    with pytest.raises(UserError, match="process 7 on elsewhere"), held(tmp_path):
        pass
    old = time.time() - 2 * run_lock._FRESH_S
    os.utime(tmp_path / "lock", (old, old))
    with held(tmp_path):
        pass


def test_a_torn_lock_stops_nobody(tmp_path):
    for content in ("", "{", "[1]", "\0" * 9):
        (tmp_path / "lock").write_text(content)
        with held(tmp_path):
            pass


def test_a_run_that_was_refused_before_it_began_leaves_nothing(tmp_path, monkeypatch):
    def refuse(*arguments, **settings):
        raise UserError("--gpus-per-worker 1 is more than this machine has")

    monkeypatch.setattr(jobs, "_prepare", refuse)
    options = jobs.JobOptions(output_dir=tmp_path, data_dir=None)
    with pytest.raises(UserError, match="gpus-per-worker"):
        jobs.run_job(plan_of(), options, watch=None, conclude=None)
    assert not list(tmp_path.glob("repr-*"))


def test_a_run_that_had_begun_is_kept_when_it_is_refused(tmp_path, monkeypatch):
    def refuse(folder, *arguments, **settings):
        Journal(folder.journal).start("a", name="a", config={}, is_baseline=False)
        raise UserError("its workers died")

    monkeypatch.setattr(jobs, "_prepare", refuse)
    with pytest.raises(UserError, match="died"):
        jobs.run_job(
            plan_of(), jobs.JobOptions(output_dir=tmp_path, data_dir=None), watch=None, conclude=None
        )
    assert len(list(tmp_path.glob("repr-*"))) == 1


def test_tunes_stored_callback_names_no_journal_of_the_original(tmp_path):
    tune_journal.write_to(tmp_path / "original.jsonl")
    stored = pickle.dumps(TuneJournal(("p",), ()))
    assert b"original" not in stored
    tune_journal.write_to(tmp_path / "copy.jsonl")
    restored = pickle.loads(stored)
    assert restored.journal.path == tmp_path / "copy.jsonl"
    older = TuneJournal.__new__(TuneJournal)
    older.__setstate__({"_path": tmp_path / "original.jsonl", "_journal": None, "_failed": {}})
    assert older.journal.path == tmp_path / "copy.jsonl"


def test_a_copy_never_writes_into_the_originals_checkpoints_elsewhere(tmp_path):
    extra = {**EXTRA, "checkpoint_dir": str(tmp_path / "states")}
    run, _ = create_run(tmp_path / "runs", plan_of(), fresh=False, extra=extra)
    check_home(run)
    shutil.copytree(tmp_path / "runs", tmp_path / "copied")
    copy = RunFolder(tmp_path / "copied" / run.name)
    with pytest.raises(UserError, match="is a copy of"):
        check_home(copy)
    shutil.rmtree(tmp_path / "runs")
    check_home(copy)  # it was moved
    assert stored_extra(copy)["checkpoint_dir"] == str(tmp_path / "states")


def test_a_folder_that_can_not_be_made_is_named_with_its_own_option(tmp_path):
    (tmp_path / "home").touch()
    with pytest.raises(UserError, match=r"^the output folder .*; use --output-dir$"):
        check_writable(tmp_path / "home" / "runs")
    with pytest.raises(UserError, match=r"^the folder of adversarial images .*; use --data-dir$"):
        check_writable(tmp_path / "home" / "x", what="the folder of adversarial images", option="--data-dir")


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_only_a_signal_is_an_interruption(handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        check_that_only_a_signal_interrupts()
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)


def check_that_only_a_signal_interrupts():
    with sigterm_as_sigint() as signals:
        assert not signals.was_asked_to_end()
    assert not signals.was_asked_to_end()
    with pytest.raises(KeyboardInterrupt), sigterm_as_sigint() as signals:
        signal.raise_signal(signal.SIGTERM)
    assert signals.was_asked_to_end()
    with sigterm_as_sigint() as signals:
        signal.signal(signal.SIGINT, lambda *_: None)  # as Ray Train does
        signal.raise_signal(signal.SIGINT)
    assert signals.was_asked_to_end()
