"""Numbered questions, what they are scored by, and what happens to those without an image."""

import dataclasses
import importlib.util
from pathlib import Path

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.vqa.visual_question import NUMBER, Question
from thesis_workloads.systems.highway_vqa.ask import ask
from thesis_workloads.systems.highway_vqa.data import answer_classes, number_questions, target_of
from thesis_workloads.systems.highway_vqa.evaluate import Answers, choose, scores
from thesis_workloads.systems.highway_vqa.state import load_model
from thesis_workloads.systems.highway_vqa.train import train
from thesis_workloads.text.vocabulary import Vocabulary

SPEC = importlib.util.spec_from_file_location("tiny_questions", Path(__file__).parent / "conftest.py")
tiny = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tiny)


def asked(*answers, choices=()):
    return Question(
        image="a", text="how many?", answers=answers, answer_type=NUMBER, question_type="how many", choices=choices
    )  # fmt: skip


def test_the_answer_to_train_on_is_what_most_people_said():
    assert target_of(asked("Two", "3", "2", "three", "2.")) == "2"


def test_the_classes_are_the_commonest_answers():
    questions = [asked("b"), asked("c"), asked("c"), asked("d"), asked("b"), asked("c")]
    assert answer_classes(questions, num_answers=2) == ("c", "b")


def numbered(*questions, **options):
    return number_questions(questions, {"a": 0}, Vocabulary(("<pad>",)), ["2", "3"], ["how many"], **options)


@pytest.mark.parametrize(("normalisation", "expected"), [("official", 0.3), ("lenient", 1.0)])
def test_both_normalisations_of_people_can_be_evaluated(normalisation, expected):
    part = numbered(asked(*["two"] * 9, "2"), normalisation=normalisation)
    answers = Answers(open_ended=torch.tensor([0]), multiple_choice=torch.tensor([-1]), loss=0, confidence=0)
    assert scores(answers, part)["accuracy"] == pytest.approx(expected)
    assert part.targets.tolist() == [0]  # what is learned does not depend on it


def test_people_who_disagree_share_the_score():
    part = numbered(asked(*["2"] * 9, "3"), asked(*["7"] * 10))
    answers = Answers(
        open_ended=torch.tensor([1, 0]), multiple_choice=torch.tensor([-1, -1]), loss=0, confidence=0
    )
    assert scores(answers, part)["accuracy"] == pytest.approx(0.15)
    assert part.targets.tolist() == [0, -1]


def test_a_choice_is_made_among_the_choices_that_are_classes():
    logits = torch.tensor([[9.0, 1.0, 2.0], [9.0, 1.0, 2.0], [9.0, 1.0, 2.0]])
    choices = torch.tensor([[1, 2, -1], [-1, 1, 0], [-1, -1, -1]])
    assert choose(logits, choices).tolist() == [2, 0, -1]


def test_questions_about_an_image_without_features_are_left_out_and_counted():
    data = tiny.make_data(problems=("image 2", "image 13"))
    assert (len(data.train), len(data.val), len(data.test)) == (15, 18, 15)
    assert (data.num_left_out, list(data.problems)) == (6, ["image 2", "image 13"])


def test_a_part_without_any_image_names_one():
    with pytest.raises(ValueError, match=r"val part of tiny has no question .* image 6: OSError: cut off"):
        tiny.make_data(problems=[f"image {number}" for number in range(6, 12)])


def test_a_trained_network_answers_without_its_data(config, data):
    config = dataclasses.replace(config, epochs=30, dropout=0.0, learning_rate=0.03)
    reporter = MemoryReporter()
    train(config, data, reporter)
    trained = load_model(config, reporter.state)
    reply = ask(trained, data.features[data.test.rows[0]], "What color is it?", top=3)
    assert reply.answers[0] == "red"
    assert reply.confidences == tuple(sorted(reply.confidences, reverse=True))
    assert reply.unknown == ()
    longer = ask(trained, data.features[0], "what color is it in there my dear zeppelin", top=1)
    assert (longer.unknown, longer.num_unheard) == (("my", "dear", "zeppelin"), 2)


@pytest.mark.parametrize(
    ("size", "question", "message"), [(6, "?!", "must have a word"), (5, "what", "6 values")]
)
def test_what_cannot_be_asked_is_refused(config, data, size, question, message):
    reporter = MemoryReporter()
    train(dataclasses.replace(config, epochs=1), data, reporter)
    with pytest.raises(ValueError, match=message):
        ask(load_model(config, reporter.state), torch.zeros(size), question, top=1)
