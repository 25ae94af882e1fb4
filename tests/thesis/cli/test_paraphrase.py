"""`thesis paraphrase` finds the best model of a run and uses it, one line per paraphrase."""

import dataclasses

import pytest
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis.execution.inference.paraphrase import load_paraphraser, paraphrase
from thesis.execution.storage.checkpoints import save_state
from thesis.execution.storage.run_folder import create_run
from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.registry import find_system
from thesis_workloads.systems.residual_lstm.data import load
from thesis_workloads.systems.residual_lstm.train import train

SIZES = {"num_train": 60, "num_val": 10, "num_test": 10, "epochs": 1, "vocabulary": 120, "max_length": 10}


@pytest.fixture(scope="module")
def trained():
    config = make_config(find_system("residual-lstm"), scale="smoke", overrides=SIZES)
    reporter = MemoryReporter()
    train(config, load(config, None), reporter)
    return config, reporter


def add_run(output_dir, trained, trials, *, system="residual-lstm"):
    """Writes a run with trials of some validation perplexities, as Ray Tune leaves them."""
    config, reporter = trained
    plan = TrainPlan(system=system, scale="smoke", config=config, resources=Resources())
    folder, _ = create_run(output_dir, plan, fresh=True, extra={})
    journal = Journal(folder.journal)
    for trial, (perplexity, has_state) in trials.items():
        journal.start(trial, name=trial, config=dataclasses.asdict(config), is_baseline=False)
        journal.epoch(trial, reporter.rows[-1] | {"val/perplexity": perplexity})
        if has_state:
            place = folder.ray / "tune" / trial / "checkpoint_000000"
            place.mkdir(parents=True)
            save_state(reporter.state, place)
    journal.close()
    return folder


@pytest.fixture
def output_dir(tmp_path, trained):
    add_run(tmp_path, trained, {"worse": (90.0, True), "best": (50.0, True), "lost": (10.0, False)})
    return tmp_path


def run(*arguments, **options):
    return CliRunner().invoke(app, ["paraphrase", *arguments], **options)


def test_the_trial_with_the_lowest_perplexity_that_left_a_model_is_used(output_dir):
    assert load_paraphraser(output_dir, None).trial == "best"


def test_a_newer_run_without_a_model_is_passed_over(output_dir, trained):
    first = load_paraphraser(output_dir, None).run
    add_run(output_dir, trained, {"started": (1.0, False)})
    assert load_paraphraser(output_dir, None).run == first


def test_no_paraphrase_is_without_a_word(output_dir):
    model = load_paraphraser(output_dir, None)
    found = paraphrase(model, ["the king said to him", "and he"], beam=6, top=4)
    assert all(len(each.texts) == len(each.scores) == 4 and all(each.texts) for each in found)


def test_a_sentence_gives_as_many_lines_as_asked_for(output_dir):
    result = run("the king said to him", "--top", "2", "--beam", "4", "--output-dir", str(output_dir))
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2


def test_lines_of_standard_input_come_back_beside_their_paraphrases(output_dir):
    result = run("--top", "1", "--output-dir", str(output_dir), input="The King!\n\nand he said\n")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["the king", "and he said"]


def test_a_file_is_read_line_by_line(output_dir, tmp_path):
    (tmp_path / "in.txt").write_text("the king\nand he\nto him\n")
    result = run("--file", str(tmp_path / "in.txt"), "--top", "1", "--output-dir", str(output_dir))
    assert len(result.stdout.splitlines()) == 3


def test_unknown_words_are_named_and_never_put_out(output_dir):
    model = load_paraphraser(output_dir, None)
    (found,) = paraphrase(model, ["the zeppelin and"], beam=5, top=5)
    assert found.unknown == ("zeppelin",)
    assert not any("<unk>" in text for text in found.texts)


def test_a_sentence_gives_the_same_in_any_company(output_dir):
    model = load_paraphraser(output_dir, None)
    together = paraphrase(model, ["the king said", "...", "and he went out of the house"], beam=4, top=3)
    assert together[1].texts == ()
    assert together[2].texts == paraphrase(model, ["and he went out of the house"], beam=4, top=3)[0].texts


def test_more_paraphrases_than_beams_are_refused(output_dir):
    model = load_paraphraser(output_dir, None)
    with pytest.raises(UserError, match="--top must be in"):
        paraphrase(model, ["the king"], beam=2, top=3)


def test_a_run_that_left_no_model_says_how_to_go_on(tmp_path, trained):
    folder = add_run(tmp_path, trained, {"started": (1.0, False)})
    with pytest.raises(UserError, match=f"thesis resume {folder.name}"):
        load_paraphraser(tmp_path, folder.name)


def test_without_a_run_the_message_says_how_to_get_one(tmp_path):
    with pytest.raises(UserError, match="thesis train residual-lstm"):
        load_paraphraser(tmp_path, None)


def test_sentences_and_a_file_together_are_refused(tmp_path):
    result = run("text", "--file", str(tmp_path / "in.txt"))
    assert isinstance(result.exception, UserError)
