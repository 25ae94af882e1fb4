"""``thesis diagnose`` on a run folder as Ray Train leaves it, with made-up notes."""

import dataclasses

import made_up_mimic as made_up
import pytest
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis.execution.storage.checkpoints import save_state
from thesis.execution.storage.run_folder import create_run
from thesis.experiments.plan import PlannedTrial, Resources, TrainPlan
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.data import load
from thesis_workloads.systems.condensed_memory.train import train

CONFIG = CondensedMemoryConfig(
    data="mimic", num_labels=6, embedding_dim=16, slot_dim=8, title_dim=4, epochs=30, dropout=0.0,
    learning_rate=0.02, batch_size=16, device="cpu",
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of data and a folder of runs with one trained network."""
    data_dir, runs = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("runs")
    made_up.write_set(data_dir)
    plan = TrainPlan(system="condensed-memory", scale="small", config=CONFIG, resources=Resources())
    data = load(CONFIG, data_dir)
    extra = {"data_dir": str(data_dir), "data_digest": data.digest}
    folder, _ = create_run(runs, plan, fresh=False, extra=extra)
    reporter = MemoryReporter()
    train(CONFIG, data, reporter)
    key = PlannedTrial(config=CONFIG, is_baseline=False).key
    journal = Journal(folder.journal)
    journal.start(key, name=folder.name, config=dataclasses.asdict(CONFIG), is_baseline=False)
    journal.epoch(key, reporter.rows[-1])
    journal.end(key, status="finished")
    journal.close()
    checkpoint = folder.ray / "train" / "checkpoint_000"
    checkpoint.mkdir(parents=True)
    save_state(reporter.state, checkpoint)
    return data_dir, runs


def diagnose(runs, note, *options):
    return CliRunner().invoke(app, ["diagnose", str(note), "--output-dir", str(runs), *options])


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text(f"{made_up.PLANTED} had {' '.join(made_up.SIGNS['4280'] * 2)}.")
    return path


def test_the_note_s_disease_comes_first_with_the_articles_of_every_hop(trained, note):
    done = diagnose(trained[1], note)
    labels = done.output.split("Articles read")[0]
    assert done.exit_code == 0, done.output
    assert labels.index("Congestive heart failure") == min(
        labels.index(title.split(",")[0])
        for title in made_up.TITLES.values()
        if title.split(",")[0] in labels
    )
    assert "Articles read" in done.output


def test_no_word_of_the_note_is_printed(trained, note):
    output = diagnose(trained[1], note).output
    assert made_up.PLANTED not in output
    assert not any(sign in output for sign in made_up.SIGNS["4280"])


def test_standard_input_is_read_at_a_dash(trained, note):
    command = ["diagnose", "-", "--output-dir", str(trained[1])]
    assert (
        CliRunner().invoke(app, command, input=note.read_text()).output == diagnose(trained[1], note).output
    )


def test_a_note_that_is_not_there_is_named(trained, tmp_path):
    with pytest.raises(UserError, match=r"absent\.txt cannot be read"):
        raise diagnose(trained[1], tmp_path / "absent.txt").exception


def test_without_any_run_it_says_how_to_train_one(tmp_path, note):
    with pytest.raises(UserError, match="thesis train condensed-memory"):
        raise diagnose(tmp_path / "none", note).exception


def test_a_run_on_other_data_is_refused(trained, note, tmp_path):
    made_up.write_set(tmp_path, num_patients=70, seed=5)
    with pytest.raises(UserError, match="state must be of"):
        raise diagnose(trained[1], note, "--data-dir", str(tmp_path)).exception


def test_a_note_of_unknown_words_is_refused_without_showing_it(trained, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("qqq www")
    with pytest.raises(UserError, match="words that the network knows, got none among 2 words"):
        raise diagnose(trained[1], path).exception
