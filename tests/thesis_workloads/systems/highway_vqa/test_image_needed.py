import dataclasses

import torch

from thesis_workloads.systems.highway_vqa.image_needed import image_needed_accuracy, needs_image


def asked(part, texts, targets):
    """Returns a part of these questions, a word each."""
    count = len(texts)
    return dataclasses.replace(
        part,
        words=torch.tensor([[text, 0] for text in texts]),
        rows=torch.arange(count),
        targets=torch.tensor(targets),
        answers=torch.tensor(targets)[:, None],
        scores=torch.ones(count, 1),
    )


def test_a_question_needs_the_image_where_its_words_leave_the_answer_open(data):
    # 5: one answer of three is the commonest; 6: two of three; 7: two of four, which is half.
    train = asked(data.train, [5, 5, 5, 6, 6, 6, 7, 7, 7, 7], [0, 1, 2, 0, 0, 1, 0, 0, 1, 2])
    test = asked(data.test, [5, 6, 7, 8], [0, 0, 0, 0])
    assert needs_image(train, test).tolist() == [True, False, True, False]


def test_the_answers_of_the_part_itself_choose_nothing(data):
    train = asked(data.train, [5, 5], [0, 1])
    first, second = (asked(data.test, [5, 5], targets) for targets in ([0, 0], [0, 1]))
    assert torch.equal(needs_image(train, first), needs_image(train, second))


def test_only_the_questions_that_need_it_are_scored(data):
    part = asked(data.test, [5, 6, 7, 8], [0, 1, 2, 3])
    found = image_needed_accuracy(torch.tensor([0, 9, 9, 9]), part, torch.tensor([True, False, True, False]))
    assert found == {"accuracy_image_needed": 0.5, "share_image_needed": 0.5}


def test_a_part_without_any_such_question_has_no_score(data):
    assert image_needed_accuracy(torch.tensor([0]), asked(data.test, [5], [0]), torch.tensor([False])) == {}
