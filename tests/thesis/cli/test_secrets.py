"""A whole sweep as a job, with secrets in the environment: none of them is in anything that it leaves."""

import contextlib
import secrets

import psutil
import pytest
import ray_nodes as _nodes
import servers as _servers

from thesis.tracking.mlflow.store import open_experiment

pytestmark = [pytest.mark.ray, pytest.mark.slow]

COMMAND = [
    "sweep", "repr", "--scale", "smoke", "--seeds", "1", "--space", "p=30", "--set", "epochs=4", "--set", "s1=2",
    "--set", "s2=1", "--set", "n=1",
]  # fmt: skip
VARIABLES = ("AWS_SECRET_ACCESS_KEY", "MLFLOW_TRACKING_TOKEN", "THESIS_API_KEY")


def files_with(words, *folders):
    """Lists the files that hold one of the words: logs, the unpacked code, the tracking database, checkpoints, ..."""
    found, count = [], 0
    for path in (path for folder in folders for path in folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # a running Ray removes some
            if path.is_file() and not path.is_symlink():
                content = path.read_bytes()
                count += 1
                found += [f"{path}: {name}" for name, word in words.items() if word.encode() in content]
    assert count > 100
    return found


def arguments_of(processes):
    for process in processes:
        for child in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            try:
                yield " ".join(child.cmdline())
            except psutil.Error:
                continue


def test_no_secret_of_a_submitted_sweep_is_in_logs_records_packages_or_arguments(tmp_path):
    words = {name: f"planted{secrets.token_hex(12)}" for name in (*VARIABLES, "password")}
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    open_experiment(store, name="repr", output_dir=tmp_path, tags={})
    said, seen = [], []
    with _servers.tracking_server(store, tmp_path) as server, _nodes.ray_nodes() as nodes:
        # As clusters/README.md says: on the machines, not with the job.
        with_password = server.uri.replace("://", f"://someone:{words['password']}@")
        nodes.environment |= {name: words[name] for name in VARIABLES}
        nodes.environment["MLFLOW_TRACKING_URI"] = with_password
        nodes.start_head(num_cpus=2)
        command = ["submit", "--", *COMMAND, "--output-dir", str(tmp_path / "runs")]
        refused = nodes.thesis(*command)
        assert refused.returncode == 2
        assert "holds a password" in refused.stderr
        del nodes.environment["MLFLOW_TRACKING_URI"]
        done = nodes.thesis(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Compare in MLflow: {server.uri}/#/experiments" in done.stdout
        said += [
            refused.stdout,
            refused.stderr,
            done.stdout,
            done.stderr,
            nodes.thesis("jobs", "list").stdout,
        ]
        seen += arguments_of([*nodes.processes, server.process])
        left = files_with(words, nodes.folder, tmp_path)
    assert len(list((tmp_path / "runs").glob("*/journal.jsonl"))) == 1
    assert left == []
    assert not [name for name, word in words.items() if any(word in text for text in said + seen)]
