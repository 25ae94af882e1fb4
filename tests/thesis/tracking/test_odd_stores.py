"""Stores in folders of odd names, at odd addresses, and in folders that were moved."""

import shutil
import sqlite3

import pytest
from mlflow import MlflowClient

from thesis.tracking.mlflow.sqlite_file import sqlite_path, sqlite_uri
from thesis.tracking.mlflow.store import check_reachable, open_experiment, redacted, tracking_uri
from thesis_workloads.contract.errors import UserError


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["a?b", "a#b", "[red]", "50%41", "a b", "caf\u00e9", "a?uri=true"])
def test_the_address_of_a_file_gives_the_file_back(tmp_path, name):
    path = tmp_path / name / "mlflow.db"
    assert sqlite_path(sqlite_uri(path)) == path
    assert redacted(sqlite_uri(path)) == str(path)


def test_a_store_in_a_folder_of_an_odd_name_leaves_nothing_beside_it(tmp_path):
    folder = tmp_path / "what?[red]#50%41"
    folder.mkdir()
    uri = tracking_uri(folder)
    experiment = open_experiment(uri, name="x", output_dir=folder, tags={})
    client = MlflowClient(uri)
    run = client.create_run(experiment).info.run_id
    (tmp_path / "a.txt").touch()
    client.log_artifact(run, str(tmp_path / "a.txt"))
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "a.txt"}
    assert (folder / "mlflow.db").exists()
    assert list((folder / "mlartifacts").rglob("a.txt"))


def test_a_moved_store_keeps_its_artifacts_beside_it(tmp_path, monkeypatch):
    uri = tracking_uri(tmp_path / "old")
    (tmp_path / "old").mkdir()
    experiment = open_experiment(uri, name="x", output_dir=tmp_path / "old", tags={})
    run = MlflowClient(uri).create_run(experiment).info.run_id
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    monkeypatch.delenv(
        "MLFLOW_TRACKING_URI", raising=False
    )  # MLflow sets it for its process; a copy is another's
    uri = tracking_uri(tmp_path / "new")
    assert open_experiment(uri, name="x", output_dir=tmp_path / "new", tags={}) == experiment
    client = MlflowClient(uri)
    (tmp_path / "a.txt").touch()
    for each in (run, client.create_run(experiment).info.run_id):
        client.log_artifact(each, str(tmp_path / "a.txt"))
    assert len(list((tmp_path / "new").rglob("a.txt"))) == 2
    assert not list((tmp_path / "old").rglob("a.txt"))
    with sqlite3.connect(tmp_path / "new" / "mlflow.db") as store:
        assert "old" not in str(
            store.execute("SELECT artifact_location FROM experiments WHERE name = 'x'").fetchall()
        )


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:port", "http://127.0.0.1:99999", "http://[::1", "http://a..b:80"]
)
def test_an_address_with_a_fault_is_named(monkeypatch, tmp_path, address):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(UserError, match=r"MLFLOW_TRACKING_URI|tracking server"):
        check_reachable(tracking_uri(tmp_path))


def test_a_registry_that_does_not_answer_is_said_before_anything_is_trained(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://127.0.0.1:9")
    with pytest.raises(
        UserError, match=r"the model registry http://127.0.0.1:9 cannot be reached .*MLFLOW_REGISTRY_URI"
    ):
        open_experiment(tracking_uri(tmp_path), name="x", output_dir=tmp_path, tags={})
