import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from thesis.execution.cluster.runtime_env import ENVIRONMENT, EXCLUDES

SCRIPTS = {"slurm/thesis.sbatch": "bash", "install.sh": "sh", "bin/thesis": "sh"}


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_the_shell_can_read_the_script(clusters, name):
    subprocess.run([SCRIPTS[name], "-n", str(clusters / name)], check=True)


@pytest.fixture
def slurm(tmp_path):
    """A folder of commands that stand for Slurm's and say what they were asked; returns a way to run the script."""
    fakes = {
        "scontrol": 'if [ "$1" = show ]; then echo node-a; echo node-b; fi',
        "srun": 'case "$*" in *hostname*) echo 10.0.0.1;; *) echo "$@"; exit "${RUN_EXIT:-0}";; esac',
    }
    for name, body in fakes.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    activate = tmp_path / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.touch()

    def run(script: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_ID": "12345", "SLURM_NNODES": "2",
            "SLURM_JOB_NODELIST": "node-[a-b]", "SLURM_CPUS_PER_TASK": "16", "SLURM_GPUS_ON_NODE": "4", **variables,
        }  # fmt: skip
        return subprocess.run(
            ["bash", str(script), *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_slurm_starts_one_ray_on_all_nodes_and_the_command_on_the_first(clusters, slurm):
    done = slurm(clusters / "slurm" / "thesis.sbatch", "sweep", "repr", "--scale", "paper")
    assert done.returncode == 0, done.stderr
    assert "symmetric-run --address 10.0.0.1:22345 --min-nodes 2 --num-cpus=16 --num-gpus=4" in done.stdout
    assert done.stdout.strip().endswith("env RAY_ADDRESS=10.0.0.1:22345 thesis sweep repr --scale paper")


def test_slurm_sees_the_exit_code_of_the_command(clusters, slurm):
    assert slurm(clusters / "slurm" / "thesis.sbatch", "sweep", "repr", RUN_EXIT="130").returncode == 130


def test_slurm_without_a_command_says_how_it_is_used(clusters, slurm):
    done = slurm(clusters / "slurm" / "thesis.sbatch")
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_the_runtime_environment_for_ray_s_own_command_is_that_of_thesis_submit(clusters):
    stated = yaml.safe_load((clusters / "runtime-env.yaml").read_text())
    assert stated == {"excludes": list(EXCLUDES), "env_vars": ENVIRONMENT}


def test_the_installer_asks_for_every_dependency_and_brings_the_launcher(clusters, tmp_path):
    asked = tmp_path / "asked"
    python = tmp_path / "python3"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *pip*) for last; do :; done; cat "$last" > {asked};;'
        f' *sysconfig*) echo {tmp_path / "bin"};; *) exec {sys.executable} "$@";; esac\n'
    )
    python.chmod(0o755)
    (tmp_path / "bin").mkdir()
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", str(clusters / "install.sh")], env=environment, check=True)
    project = tomllib.loads((clusters.parent / "pyproject.toml").read_text())["project"]
    assert set(project["dependencies"]) <= set(asked.read_text().splitlines())
    assert os.access(tmp_path / "bin" / "thesis", os.X_OK)


def test_the_image_copies_only_files_that_are_here(clusters):
    copied = [
        word
        for line in (clusters / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY")
        for word in line.split()[2:-1]
    ]
    assert copied
    assert [name for name in copied if not (clusters.parent / name).is_file()] == []


def test_every_file_asks_for_the_version_of_ray_that_is_pinned(clusters):
    pinned = next(
        line.split("==")[1]
        for line in (clusters.parent / "constraints.txt").read_text().splitlines()
        if line.startswith("ray==")
    )
    for name in ("Dockerfile", "aws.yaml", "kuberay/ray-cluster.yaml", "kuberay/ray-job.yaml"):
        assert pinned in (clusters / name).read_text(), name
