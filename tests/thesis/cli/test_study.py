"""A study in a stranger's own file is swept as the dissertation's systems are."""

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

pytestmark = pytest.mark.ray
STUDY = Path(__file__).parents[2] / "studies/tabular_mlp.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "mine.py").write_text(STUDY.read_text())
    rows = [f"{a / 7:.3f},{b / 7:.3f},{a * b / 49:.3f}" for a in range(7) for b in range(7)]
    (folder / "points.csv").write_text("\n".join(["a,b,product", *rows]) + "\n")
    return folder


def sweep(folder):
    command = [sys.executable, "-m", "thesis", "sweep", "./mine.py", "--seeds", "2", "--data-dir", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_a_study_is_swept_next_to_its_baseline_and_lands_in_mlflow(folder):
    done = sweep(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "baseline" in done.stdout
    assert f"thesis train {folder / 'mine.py'} --set width=" in done.stdout
    client = MlflowClient(f"sqlite:///{folder / 'runs' / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("tabular-mlp").experiment_id])
    assert sorted(run.data.tags.get("thesis.role", "") for run in runs) == [
        "",
        *["baseline"] * 2,
        *["candidate"] * 4,
    ]
