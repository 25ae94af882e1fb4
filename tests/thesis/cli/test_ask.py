"""`thesis ask` on a run folder as Ray Train leaves it."""

import dataclasses

import pytest
from PIL import Image
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis.execution.preparation.image_features import load
from thesis.execution.storage.checkpoints import save_state
from thesis.execution.storage.run_folder import create_run
from thesis.experiments.plan import Resources, TrainPlan
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.vqa.scenes import scene_image
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.train import train

CONFIG = HighwayVQAConfig(
    data="scenes", num_images=10, num_val_images=5, backbone="resnet18", backbone_weights="random",
    image_size=32, width=8, epochs=1, device="cpu",
)  # fmt: skip


@pytest.fixture(scope="module")
def output_dir(tmp_path_factory):
    folder, data_dir = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("data")
    data = load(CONFIG, data_dir)
    reporter = MemoryReporter()
    train(CONFIG, data, reporter)
    plan = TrainPlan(system="highway-vqa", scale="small", config=CONFIG, resources=Resources())
    extra = {"data_dir": str(data_dir), "data_digest": data.digest}
    run, _ = create_run(folder, plan, fresh=True, extra=extra)
    journal = Journal(run.journal)
    for trial, accuracy in {"worse": 0.3, "best": 0.6, "lost": 0.9}.items():
        journal.start(trial, name=trial, config=dataclasses.asdict(CONFIG), is_baseline=False)
        journal.epoch(trial, reporter.rows[-1] | {"val/accuracy": accuracy})
        if trial != "lost":
            place = run.ray / "tune" / trial / "checkpoint_000000"
            place.mkdir(parents=True)
            save_state(reporter.state, place)
    journal.close()
    return folder


@pytest.fixture
def picture(tmp_path):
    scene_image(3).save(tmp_path / "scene.png")
    return tmp_path / "scene.png"


def ask(output_dir, *arguments):
    return CliRunner().invoke(app, ["ask", *map(str, arguments), "--output-dir", str(output_dir)])


def test_answers_come_with_their_confidence_likeliest_first(output_dir, picture):
    result = ask(output_dir, picture, "what color is the circle?", "--top", 4)
    assert result.exit_code == 0, result.exception
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    confidences = [float(row[0]) for row in rows]
    assert len(rows) == 4
    assert confidences == sorted(confidences, reverse=True)


def test_several_questions_come_back_beside_their_answers(output_dir, picture):
    result = ask(output_dir, picture, "is it red?", "how many?", "--top", 1)
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["is it red?", "how many?"]


def test_words_that_were_never_seen_are_named(output_dir, picture):
    assert "never seen: zeppelin" in ask(output_dir, picture, "is the zeppelin red?").stderr


def test_the_best_trial_that_left_a_model_is_used(output_dir):
    from thesis.execution.storage.trained_models import find_best_model
    from thesis_workloads.systems.highway_vqa.experiment import HIGHWAY_VQA

    assert find_best_model(HIGHWAY_VQA, output_dir, None).trial == "best"


def test_what_is_wrong_is_said_in_one_line(output_dir, picture, tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:30])
    cases = {
        (tmp_path / "none.png", "what?"): "there is no image",
        (tmp_path / "cut.png", "what?"): "can't be read as an image",
        (picture, "?"): "question must have a word",
    }
    for arguments, message in cases.items():
        error = ask(output_dir, *arguments).exception
        assert isinstance(error, UserError)
        assert message in str(error)


def test_without_a_run_the_message_says_how_to_get_one(tmp_path, picture):
    error = ask(tmp_path, picture, "what?").exception
    assert "thesis train highway-vqa" in str(error)
