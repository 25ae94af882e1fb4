"""Options that look right and are not: the answer names the option, its rule and what would do."""

import os
import sys
from types import SimpleNamespace

import pytest

from thesis.cli.app import main
from thesis.cli.jobs_command import _confirmed
from thesis.execution.cluster import submission
from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.classifiers.names import CLASSIFIERS, SHIPPED
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.nearest import nearest, nearest_name
from thesis_workloads.contract.settings import settings_of
from thesis_workloads.systems.pixel_deflection import pipeline, validation
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig


@pytest.fixture
def thesis(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in (
        "MLFLOW_TRACKING_URI",
        "RAY_ADDRESS",
        "RAY_API_SERVER_ADDRESS",
        "THESIS_DATA_DIR",
        "THESIS_OUTPUT_DIR",
    ):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["thesis", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code, capsys.readouterr().err.strip()

    return run


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("sweep repr --search optuna --seed 4294967296", "4294967295"),
        ("sweep repr --search optuna --seed 4294967295 --seeds 2", "--seed and --seeds must stay within"),
        ("train repr --set seed=4294967296", "seed must be within 0..4294967295"),
        ("train repr --set device=gpu", "did you mean cuda?"),
        ("train repr --set data=CIFAR10", "did you mean 'cifar10'?"),
        ("train repr --set data=Fashion_MNIST", "did you mean 'fashion-mnist'?"),
        ("train residual-lstm --set data=PPDB", "did you mean ppdb?"),
        ("train repr --set learning_rate=nan", "learning_rate must be a finite number"),
        ("train repr --set weight_decay=inf", "weight_decay must be a finite number"),
        ("train repr --set epochs=" + "9" * 30, "epochs must be a whole number"),
        (
            "evaluate --weights nothing.pth",
            "--weights must be a file of weights, there is none at nothing.pth",
        ),
        ("evaluate --classifier resnet-50", "with --weights FILE"),
        ("evaluate --classifier ResNet50", "did you mean 'resnet-50'?"),
        ("evaluate --images nothing", "--images must be shipped, a folder"),
        ("evaluate --images . --labels nothing.csv", "--labels must be a CSV file"),
        ("jobs stop --address localhost:8265", "--address must begin with http:// or https://"),
        ("submit --address localhost:8265 -- sweep repr", "write http://localhost:8265"),
        ("submit --address http://127.0.0.1:9 -- list", "no job server answers at http://127.0.0.1:9"),
        ("submit --address http://127.0.0.1:port -- list", "--address must be like http://127.0.0.1:8265"),
    ],
)
def test_a_wrong_option_is_named(thesis, command, message):
    code, written = thesis(*command.split())
    assert code == 2
    assert message in written.replace("\n", " ")
    assert len(written.splitlines()) <= 12


def test_a_tilde_means_the_home_folder_wherever_it_stands(thesis, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for arguments in (("--output-dir=~/runs",), ("--output-dir", "~/runs")):
        _, written = thesis("resume", *arguments)
        assert str(tmp_path / "home" / "runs") in written
    monkeypatch.setenv("THESIS_OUTPUT_DIR", "~/others")
    assert str(tmp_path / "home" / "others") in thesis("resume")[1]
    assert not os.path.exists("~")


def test_a_job_is_stopped_by_its_name_or_after_a_question(monkeypatch):
    running = SimpleNamespace(name="job-1", has_ended=False)
    monkeypatch.setattr(submission, "jobs", lambda client: [running])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    with pytest.raises(UserError, match=r"name the job to stop: .* \(running: job-1\)"):
        _confirmed(None)


def test_names_of_another_spelling_or_meaning_are_found():
    assert nearest_name("gpu", ("auto", "cpu", "cuda")) == "cuda"
    assert nearest_name("CIFAR-10", ("cifar100", "cifar10")) == "cifar10"
    assert nearest_name("zzz", ("cifar10",)) is None
    assert nearest("RePr", ["detection", "repr"]) == ", did you mean 'repr'?"


def test_names_for_quick_checks_are_those_of_the_tables():
    assert tuple(CATALOG) == CLASSIFIERS == settings_of(PixelDeflectionConfig)["classifier"].choices
    assert tuple(name for name, recipe in CATALOG.items() if recipe.shipped) == SHIPPED
    assert pipeline.DENOISERS == validation.DENOISERS
