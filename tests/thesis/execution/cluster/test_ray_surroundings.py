"""Temporary folders, addresses and working folders that Ray stumbles over are told in one line, or worked around."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import thesis
from thesis.execution.cluster.connection import ray_session
from thesis.execution.cluster.ray_surroundings import check_address, temporary_folder
from thesis_workloads.contract.errors import UserError


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("RAY_TMPDIR", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


def long_folder(tmp_path):
    folder = tmp_path / ("x" * 80)
    folder.mkdir()
    return folder


def test_a_long_tmpdir_falls_back_to_a_short_one(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(long_folder(tmp_path)))
    assert temporary_folder() == os.path.realpath("/tmp")
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    assert temporary_folder() == os.path.realpath("/tmp")


@pytest.mark.parametrize(
    "make", [long_folder, lambda tmp_path: Path("/proc/nothing"), lambda tmp_path: tmp_path / "file"]
)
def test_a_ray_tmpdir_that_can_not_be_used_is_named(tmp_path, monkeypatch, make):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RAY_TMPDIR", str(make(tmp_path)))
    with pytest.raises(UserError, match="RAY_TMPDIR must be"):
        temporary_folder()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:9", "nowhere.invalid:6379", "127.0.0.1", "127.0.0.1:port", "http:[", "ray://127.0.0.1:9"],
)
def test_a_stale_address_is_named_at_once(monkeypatch, address):
    with pytest.raises(UserError, match=r"RAY_ADDRESS|no Ray answers"):
        check_address(address)
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(UserError), ray_session(dashboard=False):
        pass


def test_an_address_where_something_listens_is_left_to_ray():
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_address(f"127.0.0.1:{server.getsockname()[1]}")
    for address in ("local", "auto"):
        check_address(address)


def test_the_command_itself_does_not_import_from_the_working_folder(tmp_path):
    for name in ("numpy.py", "typer.py", "rich.py", "json.py"):
        (tmp_path / name).write_text("raise RuntimeError(__file__)")
    root = str(Path(thesis.__file__).parents[1])
    workloads = str(Path(root).parent / "workloads")
    done = subprocess.run(
        [sys.executable, "-m", "thesis", "resume"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((root, workloads))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "no unfinished run" in done.stderr
