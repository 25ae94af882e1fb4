import os

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from thesis.tracking.journal import Journal
from thesis.tracking.mlflow.sender import Destination, JournalSender
from thesis.tracking.mlflow.server import server_command
from thesis.tracking.mlflow.store import open_experiment, redacted, tracking_uri, wait_until_reachable
from thesis_workloads.contract.errors import UserError


@pytest.fixture(scope="module")
def output_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def sweep(output_dir, request, monkeypatch):
    """A journal and where it goes: an MLflow experiment of its own with a parent run."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    uri = tracking_uri(output_dir)
    name = request.node.name
    experiment_id = open_experiment(uri, name=name, output_dir=output_dir, tags={})
    parent = MlflowClient(uri).create_run(experiment_id).info.run_id
    destination = Destination(
        uri=uri,
        experiment_id=experiment_id,
        key=name,
        name=name,
        parent_run_id=parent,
        tags={"thesis.system": "repr"},
        dataset={"name": "digits", "version": "1", "digest": "abc"},
    )
    return Journal(output_dir / f"{name}.jsonl"), destination


def write(journal, trial="a", epochs=range(1, 4)):
    journal.start(trial, name=f"trial {trial}", config={"seed": 3, "p": 30.0}, is_baseline=False)
    for epoch in epochs:
        journal.epoch(trial, {"epoch": epoch, "val/accuracy": epoch / 10})


def send(journal, destination):
    sender = JournalSender(journal.path, destination)
    sender.start()
    assert sender.close()
    return sender


def children(destination):
    found = MlflowClient(destination.uri).search_runs([destination.experiment_id])
    return [run for run in found if run.info.run_id != destination.parent_run_id]


def steps(destination, run):
    history = MlflowClient(destination.uri).get_metric_history(run.info.run_id, "val/accuracy")
    return sorted(metric.step for metric in history)


def test_a_trial_becomes_a_child_run_with_its_settings_metrics_and_dataset(sweep):
    journal, destination = sweep
    write(journal)
    journal.end("a", status="finished")
    send(journal, destination)
    (run,) = children(destination)
    assert run.data.params == {"seed": "3", "p": "30.0"}
    assert run.data.tags["mlflow.parentRunId"] == destination.parent_run_id
    assert (run.info.status, steps(destination, run)) == ("FINISHED", [1, 2, 3])
    assert run.info.start_time <= run.info.end_time
    assert run.inputs.dataset_inputs[0].dataset.digest == "abc"


def test_what_is_sent_twice_leaves_no_trace(sweep):
    journal, destination = sweep
    write(journal)
    send(journal, destination)
    journal.path.with_suffix(".sent").unlink()
    send(journal, destination)
    (run,) = children(destination)
    assert steps(destination, run) == [1, 2, 3]


def test_a_resumed_run_appends_to_the_id_that_it_had(sweep):
    journal, destination = sweep
    write(journal)
    journal.end("a", status="killed", is_final=False)
    send(journal, destination)
    (before,) = children(destination)
    write(journal, epochs=range(2, 6))
    journal.end("a", status="finished")
    send(journal, destination)
    (after,) = children(destination)
    assert (before.info.run_id, before.info.status) == (after.info.run_id, "KILLED")
    assert (after.info.status, steps(destination, after)) == ("FINISHED", [1, 2, 3, 4, 5])


def test_a_store_that_is_away_for_a_while_gets_every_point_afterwards(sweep, monkeypatch):
    journal, destination = sweep
    real, calls = MlflowClient.log_batch, []

    def flaky(self, *arguments, **keywords):
        calls.append(1)
        if len(calls) <= 2:
            raise MlflowException("the server is away")
        return real(self, *arguments, **keywords)

    monkeypatch.setattr(MlflowClient, "log_batch", flaky)
    monkeypatch.setattr("thesis.tracking.mlflow.sender._INTERVAL_S", 0.05)
    write(journal)
    sender = send(journal, destination)
    (run,) = children(destination)
    assert steps(destination, run) == [1, 2, 3]
    assert sender.pending_bytes() == 0


def test_a_failed_trial_says_why(sweep):
    journal, destination = sweep
    write(journal)
    journal.end("a", status="failed", error="diverged: loss became nan")
    send(journal, destination)
    (run,) = children(destination)
    assert (run.info.status, run.data.tags["thesis.error"]) == ("FAILED", "diverged: loss became nan")


def test_a_tracking_server_that_is_not_there_is_said_before_anything_starts(tmp_path):
    with pytest.raises(UserError, match=r"tracking server http://127.0.0.1:9 cannot be reached"):
        open_experiment("http://127.0.0.1:9", name="x", output_dir=tmp_path, tags={})


def test_a_server_that_stays_away_at_the_end_of_a_run_is_one_line_with_what_to_do():
    with pytest.raises(UserError, match=r"everything was run, but .* 'thesis resume repr-1' sends the rest"):
        wait_until_reachable("http://127.0.0.1:9", run="repr-1", patience_s=0)


def test_a_password_is_not_printed(tmp_path):
    with pytest.raises(UserError) as caught:
        open_experiment("http://me:secret@127.0.0.1:9", name="x", output_dir=tmp_path, tags={})
    assert "secret" not in str(caught.value)


def test_a_server_s_address_is_used_without_the_password_that_stands_in_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:gehe%40im@mlflow.example:8443/base")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "")
    assert tracking_uri(tmp_path) == "https://mlflow.example:8443/base"
    assert [os.environ[f"MLFLOW_TRACKING_{name}"] for name in ("USERNAME", "PASSWORD")] == ["me", "gehe@im"]
    assert os.environ["MLFLOW_TRACKING_URI"] == "https://mlflow.example:8443/base"


def test_a_token_without_a_password_in_an_address_is_refused_without_showing_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://geheim@mlflow.example")
    with pytest.raises(UserError, match="a token goes into MLFLOW_TRACKING_TOKEN") as caught:
        tracking_uri(tmp_path)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "uri", ["postgresql://me:geheim@db/mlflow", "mysql://db/mlflow?user=me&password=geheim"]
)
def test_a_database_s_password_is_neither_shown_nor_an_argument_of_the_server(uri, tmp_path):
    assert "geheim" not in redacted(uri)
    command, environment = server_command(uri, output_dir=tmp_path, host="127.0.0.1", port=9)
    assert not any("geheim" in word for word in command)
    assert environment["MLFLOW_BACKEND_STORE_URI"] == uri
