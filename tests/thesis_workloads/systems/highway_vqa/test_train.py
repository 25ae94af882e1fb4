import dataclasses

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.highway_vqa.train import sizes_of, train
from thesis_workloads.systems.highway_vqa.words import controlled


def run(config, data, **changes):
    reporter = MemoryReporter()
    train(dataclasses.replace(config, **changes), data, reporter)
    return reporter.rows


@pytest.mark.parametrize("model", ["highway", "lstm-q+i"])
def test_it_learns_a_tiny_batch_by_heart(config, data, model):
    rows = run(config, data, model=model, epochs=30, dropout=0.0, learning_rate=0.03)
    assert rows[-1]["train/accuracy"] == 1.0
    assert rows[-1]["train/loss"] < 0.1 * rows[0]["train/loss"]


def test_questions_about_unseen_images_are_answered(config, data):
    row = run(config, data, epochs=30, dropout=0.0, learning_rate=0.03)[-1]
    assert row["test/accuracy"] > 0.9 > row["test/accuracy_by_type"]


def test_the_question_alone_does_no_better_than_the_commonest_answer_of_its_type(config, data):
    row = run(config, data, model="question", epochs=30, dropout=0.0, learning_rate=0.03)[-1]
    assert row["test/accuracy"] <= row["test/accuracy_by_type"] + 1e-9


def test_random_words_leave_little_of_what_the_question_asks(config, data):
    row = run(config, data, words="random", epochs=30, dropout=0.0, learning_rate=0.03)[-1]
    assert row["test/accuracy"] < 0.7


def test_random_words_are_not_learned_by_heart(config, data):
    # Drawn once, they let a network tell training questions apart: all answers are then right in training.
    row = run(config, data, words="random", epochs=60, dropout=0.0, learning_rate=0.03)[-1]
    assert row["train/accuracy"] < 0.9


def test_a_step_meets_the_random_words_of_its_epoch_on_every_worker(config, data, monkeypatch):
    seen = []

    def kept(words, **options):
        seen.append((options["part"], options["epoch"]))
        return controlled(words, **options)

    monkeypatch.setattr("thesis_workloads.systems.highway_vqa.train.controlled", kept)
    run(config, data, words="random", epochs=3)
    assert {epoch for part, epoch in seen if part == "train"} == {0, 1, 2}
    assert {epoch for part, epoch in seen if part != "train"} == {0}


def test_questions_that_need_the_image_tell_what_sees_both_sides(config, data):
    rows = {
        model: run(config, data, model=model, epochs=30, dropout=0.0, learning_rate=0.03)[-1]
        for model in ("highway", "image", "question")
    }
    found = {model: row["test/accuracy_image_needed"] for model, row in rows.items()}
    assert found["highway"] > 0.9
    assert max(found["image"], found["question"]) < 0.7


def test_the_test_part_is_read_in_the_last_epoch_only(config, data):
    assert ["test/accuracy" in row for row in run(config, data)] == [False, False, True]


def test_there_is_a_layer_for_each_word_of_the_longest_training_question(config, data):
    assert sizes_of(config, data).depth == 7
    mirrored = dataclasses.replace(config, question="forward+reversed", words_per_layer=2)
    assert sizes_of(mirrored, data).depth == 7
    assert sizes_of(dataclasses.replace(config, depth=3), data).depth == 3


class SavingReporter(MemoryReporter):
    """Keeps the state after every epoch, through a file that holds tensors and plain values only."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.states = folder, []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        torch.save(self.state, self.folder / "state.pt")
        self.states.append(torch.load(self.folder / "state.pt", weights_only=True))


def numbers(rows):
    return [{key: value for key, value in row.items() if not key.startswith("time/")} for row in rows]


@pytest.mark.parametrize(
    "changes", [{"model": "highway", "projection": "shared"}, {"model": "lstm-q+i", "words": "random"}]
)
def test_a_run_resumed_at_any_epoch_gives_the_same_numbers_bit_for_bit(tmp_path, config, data, changes):
    config = dataclasses.replace(config, **changes)
    whole = SavingReporter(tmp_path)
    expected = train(config, data, whole).state_dict()
    for epoch, state in enumerate(whole.states, start=1):
        rest = MemoryReporter(start=state)
        weights = train(config, data, rest).state_dict()
        assert numbers(rest.rows) == numbers(whole.rows[epoch:])
        assert all(torch.equal(value, weights[name]) for name, value in expected.items())


@pytest.mark.parametrize(
    "changes", [{"model": "q+i"}, {"padding": "zeros"}, {"words": "random"}, {"projection": "shared"}]
)
def test_a_state_of_another_run_is_refused(tmp_path, config, data, changes):
    whole = SavingReporter(tmp_path)
    train(config, data, whole)
    with pytest.raises(ValueError, match="state must be of"):
        train(dataclasses.replace(config, **changes), data, MemoryReporter(start=whole.states[0]))


def test_a_loss_that_is_not_finite_stops_the_run(config, data):
    with pytest.raises(FloatingPointError, match="loss became"):
        run(config, data, carry="linear", learning_rate=1e30)


def test_word_vectors_of_a_file_are_started_from(tmp_path, config, data):
    vectors = torch.zeros(len(data.vocabulary), 8)
    vectors[3] = 7.0
    given = dataclasses.replace(data, vectors=vectors)
    reporter = MemoryReporter()
    network = train(dataclasses.replace(config, epochs=1, learning_rate=1e-9), given, reporter)
    torch.testing.assert_close(network.words.weight[3], vectors[3])
    assert network.words.weight[4].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "highways"}, "did you mean highway"),
        ({"words": "words"}, "words must be one of"),
        ({"projection": "share"}, "did you mean shared"),
        ({"normalisation": "strict"}, "normalisation must be one of official, lenient"),
        ({"depth": -1}, "depth must be at least 0"),
        ({"words_per_layer": 0}, "words_per_layer must be at least 1"),
        ({"image_size": 16}, "image_size must be at least 32"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
    ],
)
def test_a_wrong_setting_is_named_before_any_training(config, data, changes, message):
    with pytest.raises(ValueError, match=message):
        run(config, data, **changes)
