import itertools

import pytest
import torch

from thesis_workloads.metrics.vqa_accuracy import answer_scores, majority, scores_of, vqa_accuracy


def by_leaving_one_out(answer, people):
    """The definition, person by person."""
    values = []
    for left_out in range(len(people)):
        others = [text for place, text in enumerate(people) if place != left_out]
        values.append(min(others.count(answer) / 3, 1.0))
    return sum(values) / len(values)


@pytest.mark.parametrize(
    ("agreeing", "expected"), [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0), (10, 1.0)]
)
def test_each_of_ten_people_who_agrees_gives_three_tenths(agreeing, expected):
    people = ["red"] * agreeing + ["blue"] * (10 - agreeing)
    assert vqa_accuracy("red", people) == pytest.approx(expected)


def test_it_is_the_average_over_every_nine_people():
    for counts in itertools.product(range(5), repeat=2):
        people = ["red"] * counts[0] + ["blue"] * counts[1] + ["green"] * (10 - sum(counts))
        for answer in ("red", "blue", "green"):
            assert vqa_accuracy(answer, people) == pytest.approx(by_leaving_one_out(answer, people))


def test_leniently_people_agree_in_their_normal_form():
    people = ["2 dogs", "the two dogs", "two dogs", "2 dogs!", *["cat"] * 6]
    assert vqa_accuracy("Two dogs.", people, normalisation="lenient") == 1.0


@pytest.mark.parametrize(
    ("answer", "people", "expected"),
    [
        ("2", ["two"] * 4 + ["2"] * 6, 1.0),
        ("2", ["two"] * 9 + ["2"], 0.3),  # people's number words stay
        ("two", ["two"] * 9 + ["2"], 0.3),  # the predicted answer takes its normal form
        ("dog", ["a dog"] * 8 + ["dog"] * 2, 0.6),  # people's articles stay
        ("dog", ["dog."] * 4 + ["cat"] * 6, 1.0),  # their punctuation goes
        ("dog", ["dog."] * 10, 0.0),  # but not where all typed the same
        ("dog", ["dog"] * 10, 1.0),
    ],
)
def test_officially_only_the_punctuation_of_people_is_normalised(answer, people, expected):
    assert vqa_accuracy(answer, people) == pytest.approx(expected)


def test_the_lenient_accuracy_is_never_below_the_official_one():
    typed = ["two", "2", "2.", "a 2", "Two", "the two", "2 dogs", "dog's", "dogs"]
    for number in range(200):
        drawn = torch.randint(len(typed), (10,), generator=torch.Generator().manual_seed(number))
        people = [typed[place] for place in drawn]
        for answer in typed:
            lenient = vqa_accuracy(answer, people, normalisation="lenient")
            assert lenient >= vqa_accuracy(answer, people)


def test_another_normalisation_is_refused():
    with pytest.raises(ValueError, match="normalisation must be one of official, lenient"):
        answer_scores(["yes", "no"], normalisation="strict")


def test_only_answers_that_somebody_gave_have_a_score():
    assert answer_scores(["yes"] * 9 + ["no"]) == pytest.approx({"yes": 1.0, "no": 0.3})


def test_a_question_that_one_program_answered_has_one_right_answer():
    assert answer_scores(["red"]) == {"red": 1.0}
    assert answer_scores(["two"]) == {"2": 1.0}  # what a program wrote is no answer that people agree on


def test_nobody_answering_is_refused():
    with pytest.raises(ValueError, match="people must not be empty"):
        answer_scores([])


def test_predictions_score_what_their_answer_scores():
    answers, scores = torch.tensor([[3, 1], [0, -1]]), torch.tensor([[0.9, 0.3], [1.0, 0.0]])
    found = scores_of(torch.tensor([1, 2]), answers, scores)
    torch.testing.assert_close(found, torch.tensor([0.3, 0.0]).double())


def test_the_commonest_answer_leaves_out_what_is_no_class():
    assert majority(torch.tensor([-1, -1, -1, 2, 2, 1])) == 2
