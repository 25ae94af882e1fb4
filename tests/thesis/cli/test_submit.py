"""Jobs on a cluster of one node that runs as its own process and asks for a token."""

import re

import pytest
import ray_nodes as _nodes
from mlflow import MlflowClient

from thesis.tracking.journal import read_events

pytestmark = pytest.mark.ray

TINY = [
    "sweep", "repr", "--scale", "smoke", "--seeds", "1", "--space", "p=30", "--set", "epochs=4", "--set", "s1=2",
    "--set", "s2=1", "--set", "n=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def cluster():
    with _nodes.ray_nodes() as nodes:
        nodes.start_head(num_cpus=2)
        yield nodes


@pytest.fixture
def edited(tmp_path):
    """A copy of the checkout with another version, whose trials say which file they run."""
    seen = f'import os\n\nopen("{tmp_path}/seen-" + str(os.getpid()), "w").write(__file__)\n'
    root = _nodes.copy_checkout(tmp_path / "checkout", trial=seen)
    package = root / "platform/thesis/__init__.py"
    package.write_text(re.sub(r'__version__ = ".*"', '__version__ = "9.9.9"', package.read_text()))
    return root


def test_a_submitted_sweep_runs_the_edited_code_everywhere_and_is_in_mlflow(cluster, edited, tmp_path):
    done = cluster.thesis("submit", "--", *TINY, "--output-dir", str(tmp_path / "runs"), checkout=edited)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Compare in MLflow" in done.stdout
    files = [path.read_text() for path in tmp_path.glob("seen-*")]
    assert len(files) >= 2  # the process that drives the sweep, and the trials'
    assert all("working_dir_files" in name for name in files)
    client = MlflowClient(f"sqlite:///{tmp_path / 'runs' / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("repr").experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"] * 3
    assert {run.data.tags["version.thesis"] for run in runs} == {"9.9.9"}


def test_a_command_that_fails_passes_its_exit_code_and_its_reason_on(cluster):
    done = cluster.thesis("submit", "--", *TINY)  # its results would be deleted with the job
    assert done.returncode == 2
    assert "lies in the job's own folder" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    listed = cluster.thesis("jobs", "list").stdout
    assert "FAILED" in listed
    assert cluster.environment["RAY_AUTH_TOKEN"] not in done.stdout + done.stderr + listed


def test_ray_s_own_command_runs_the_code_that_it_is_given(cluster, edited):
    done = cluster.run(
        "ray", "job", "submit", "--runtime-env", "clusters/runtime-env.yaml", "--working-dir", ".",
        "--", "thesis", "--version", checkout=edited,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "thesis 9.9.9" in done.stdout


def test_whoever_has_no_token_is_turned_away_in_one_line(cluster):
    done = cluster.run(
        _nodes.sys.executable, "-m", "thesis", "jobs", "list", RAY_AUTH_TOKEN="f" * 32
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_a_stopped_job_ends_in_good_order_and_the_same_command_goes_on(cluster, tmp_path):
    command = [*TINY, "--set", "epochs=150", "--seeds", "2", "--output-dir", str(tmp_path / "runs")]
    job = cluster.thesis("submit", "--no-wait", "--", *command).stdout.strip()

    def journal():
        return next(iter(tmp_path.glob("runs/*/journal.jsonl")), None)

    def epochs():
        return journal() and sum(event["event"] == "epoch" for event in read_events(journal()))

    _nodes.wait_until(lambda: (epochs() or 0) > 40, "40 epochs")
    stopped = cluster.thesis("jobs", "stop", job)
    assert stopped.stdout.strip() == f"{job}: STOPPED"
    assert "Interrupted with" in cluster.thesis("jobs", "logs", job).stdout
    before = epochs()

    done = cluster.thesis("submit", "--", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Going on with repr-sweep-" in done.stdout
    steps = {}
    for event in read_events(journal()):
        if event["event"] == "epoch":
            steps.setdefault(event["trial"], []).append(event["metrics"]["epoch"])
    assert before > 40
    assert [len(found) for found in steps.values()] == [150] * 4
    assert all(found == list(range(1, 151)) for found in steps.values())


@pytest.mark.slow
def test_a_sweep_uses_every_node_and_outlives_one_that_is_lost(tmp_path):
    with _nodes.ray_nodes() as nodes:
        nodes.start_head(num_cpus=0)
        workers = [nodes.start_worker(), nodes.start_worker()]
        command = [*TINY, "--set", "epochs=300", "--seeds", "2", "--output-dir", str(tmp_path / "runs")]
        job = nodes.thesis("submit", "--no-wait", "--", *command).stdout.strip()
        _nodes.wait_until(lambda: all(nodes.trials_on(worker) for worker in workers), "a trial on each node")
        (path,) = tmp_path.glob("runs/*/journal.jsonl")
        _nodes.wait_until(
            lambda: sum(event["event"] == "epoch" for event in read_events(path)) > 60, "sixty epochs"
        )
        nodes.kill(workers[1])
        done = nodes.thesis("jobs", "logs", "--follow", job)
        assert done.returncode == 0, done.stdout + done.stderr
    events = list(read_events(path))
    assert any(event["event"] == "retry" for event in events)
    ended = [event["trial"] for event in events if event["event"] == "end" and event["status"] == "finished"]
    assert len(ended) == len(set(ended)) == 4
    for trial in ended:
        steps = [e["metrics"]["epoch"] for e in events if e["event"] == "epoch" and e["trial"] == trial]
        assert steps == list(range(1, 301))
