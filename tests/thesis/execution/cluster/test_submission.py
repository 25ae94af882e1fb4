"""What is sent to a cluster with a job, and what it is told."""

import json
import zipfile
from dataclasses import replace

import pytest
from ray._private.ray_constants import get_runtime_env_default_excludes
from ray._private.runtime_env.packaging import create_package

from thesis.execution.cluster import runtime_env as code_package
from thesis.execution.cluster.connection import ray_session
from thesis.execution.cluster.resources import max_concurrent_trials
from thesis.execution.cluster.runtime_env import checkout, driver_environment, runtime_environment
from thesis.execution.cluster.submission import JobInfo, _from, entrypoint_of, passed_variables
from thesis.execution.storage.run_folder import check_writable
from thesis.experiments.plan import Resources
from thesis_workloads.contract.errors import UserError


def uploaded(root, target):
    """Lists what Ray would send of a folder, by the code that it packs it with."""
    environment = runtime_environment(root)
    excludes = [*get_runtime_env_default_excludes(), *environment["excludes"]]
    create_package(environment["working_dir"], target, include_gitignore=True, excludes=excludes)
    with zipfile.ZipFile(target) as package:
        return {name for name in package.namelist() if not name.endswith("/")}


def test_of_this_checkout_only_code_is_sent_and_little_of_it(tmp_path):
    names = uploaded(checkout(), tmp_path / "package.zip")
    assert {name.split("/")[0] for name in names} == {"platform", "workloads", "clusters"}
    assert {
        "platform/thesis/cli/app.py",
        "workloads/thesis_workloads/systems/repr/train.py",
        "clusters/bin/thesis",
    } <= names
    assert {name for name in names if name.startswith("clusters/")} == {"clusters/bin/thesis"}
    assert max((checkout() / name).stat().st_size for name in names) < 2**18
    assert (tmp_path / "package.zip").stat().st_size < 5 * 2**20


def test_environments_runs_data_git_secrets_and_ignored_files_stay_here(tmp_path):
    root = tmp_path / "checkout"
    kept = ["platform/thesis/a.py", "workloads/thesis_workloads/b.py", "clusters/bin/thesis"]
    left = [
        ".git/config", ".venv/bin/python", "runs/x/journal.jsonl", "data/cifar.bin", "mlflow.db", ".env",
        "clusters/aws.yaml", "tests/test_a.py", "notes.txt", "platform/.env", "platform/thesis/__pycache__/a.pyc",
        "platform/id.pem", "workloads/aws_credentials.json", "workloads/weights.pt", "workloads/ignored.py",
    ]  # fmt: skip
    for name in kept + left:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    (root / ".gitignore").write_text("ignored.py\n")
    assert uploaded(root, tmp_path / "package.zip") == set(kept)


@pytest.mark.parametrize(
    "words",
    ["sweep repr --set p=30", "thesis sweep repr --set p=30", "python -m thesis sweep repr --set p=30"],
)
def test_a_command_is_taken_with_or_without_its_program(words):
    assert entrypoint_of(words.split(), {}) == "python3 -m thesis sweep repr --set p=30"


def test_words_that_a_shell_would_read_are_quoted():
    assert entrypoint_of(["train", "repr", "--set", "a=$(x); b"], {}).endswith("--set 'a=$(x); b'")


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        ("sweep repr --output-dir runs", {}),
        ("sweep repr --data-dir=data", {}),
        ("sweep repr", {"THESIS_OUTPUT_DIR": "runs"}),
    ],
)
def test_a_relative_folder_is_refused_since_it_would_be_deleted(words, environ):
    with pytest.raises(UserError, match="must be an absolute path"):
        entrypoint_of(words.split(), environ)


def test_a_job_without_a_command_is_refused():
    with pytest.raises(UserError, match="no command to submit"):
        entrypoint_of(["thesis"], {})


def test_what_matters_is_passed_on_and_secrets_are_not():
    environ = {
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
        "THESIS_OUTPUT_DIR": "/shared/runs",
        "THESIS_API_TOKEN": "a",
        "MLFLOW_TRACKING_PASSWORD": "b",
        "AWS_SECRET_ACCESS_KEY": "c",
        "RAY_AUTH_TOKEN": "d",
        "HOME": "/root",
    }
    assert passed_variables(environ) == {
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
        "THESIS_OUTPUT_DIR": "/shared/runs",
    }


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://me:geheim@db/mlflow",
        "postgresql://db/mlflow?password=geheim",
        "https://geheim@mlflow.example",
    ],
)
def test_an_address_with_a_password_is_refused_without_showing_it(uri):
    with pytest.raises(UserError, match="holds a password") as caught:
        passed_variables({"MLFLOW_TRACKING_URI": uri})
    assert "geheim" not in str(caught.value)


def test_a_tracking_store_in_a_relative_file_is_refused():
    with pytest.raises(UserError, match="absolute path or a server"):
        passed_variables({"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"})


JOB = JobInfo(
    name="job", status="FAILED", entrypoint="x", message="", started_s=1.0, ended_s=2.0, process_exit_code=2
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 2),
        ({"process_exit_code": -9}, 137),
        ({"process_exit_code": None}, 1),
        ({"status": "SUCCEEDED", "process_exit_code": 0}, 0),
        ({"status": "STOPPED", "process_exit_code": None}, 130),
    ],
)
def test_the_exit_code_is_the_command_s_own(changes, expected):
    assert replace(JOB, **changes).exit_code == expected


def test_output_that_was_written_is_not_written_again_after_a_break():
    import asyncio

    async def chunks():
        for text in ("one\n", "two\n", "three\n"):
            yield text

    async def rest(start):
        return "".join([text async for text in _from(chunks(), start)])

    assert [asyncio.run(rest(start)) for start in (0, 6, 14)] == ["one\ntwo\nthree\n", "o\nthree\n", ""]


def job_variable(**runtime_env):
    return {"RAY_JOB_CONFIG_JSON_ENV_VAR": json.dumps({"runtime_env": runtime_env})}


@pytest.fixture
def in_a_job(tmp_path, monkeypatch):
    """Lets the code look as if Ray had unpacked it."""
    unpacked = tmp_path / "working_dir_files" / "_ray_pkg_1"
    monkeypatch.setattr(code_package.thesis, "__file__", str(unpacked / "platform/thesis/__init__.py"))
    return unpacked


def test_a_job_that_says_no_python_path_gets_one_for_its_workers(in_a_job):
    assert driver_environment(job_variable(working_dir="gcs://x.zip")) == {
        "env_vars": {"PYTHONPATH": "platform:workloads"}
    }


def test_a_job_that_has_a_python_path_keeps_it(in_a_job):
    own = job_variable(working_dir="gcs://x.zip", env_vars={"PYTHONPATH": "platform:workloads"})
    assert driver_environment(own) == {}


def test_outside_a_job_a_cluster_is_sent_the_checkout():
    assert driver_environment({})["working_dir"] == str(checkout())


def test_an_output_folder_that_ends_with_the_job_is_refused(in_a_job):
    with pytest.raises(UserError, match="which the cluster deletes"):
        check_writable(in_a_job / "runs")


def test_the_address_of_a_job_server_is_not_one_to_attach_to(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:8265")
    with pytest.raises(UserError, match="thesis submit"), ray_session(dashboard=False):
        pass


@pytest.mark.ray
def test_as_many_trials_are_offered_as_the_cluster_may_grow_to(ray_session, monkeypatch):
    monkeypatch.setenv("THESIS_CLUSTER_GPUS", "8")
    monkeypatch.setenv("THESIS_CLUSTER_CPUS", "64")
    assert max_concurrent_trials(Resources(gpus_per_worker=0.25)) == 32
