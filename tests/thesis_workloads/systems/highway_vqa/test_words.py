import pytest
import torch

from thesis_workloads.systems.highway_vqa.words import controlled

WORDS = torch.tensor([[2, 3, 4, 0], [5, 6, 7, 8], [9, 0, 0, 0]]).repeat(50, 1)


def under(**changes):
    values = {"num_words": 30, "num_marks": 2, "replaced": "question", "order": "original"}
    return controlled(WORDS, **{**values, "part": "train", "seed": 0, **changes})


def test_without_a_control_words_stay():
    assert torch.equal(under(), WORDS)


def test_random_words_keep_the_length_and_nothing_else():
    found = under(replaced="random")
    assert torch.equal(found > 0, WORDS > 0)
    assert found[found > 0].min() >= 2
    assert found.max() < 30
    assert (found[0] != found[3]).any()  # drawn for each question, though both ask the same


def test_another_order_keeps_the_words_and_the_padding_behind():
    found = under(order="shuffled")
    assert torch.equal(found.sort(1).values, WORDS.sort(1).values)
    assert torch.equal(found > 0, WORDS > 0)
    assert not torch.equal(found, WORDS)


def test_draws_depend_on_seed_and_part():
    assert torch.equal(under(replaced="random"), under(replaced="random"))
    assert not torch.equal(under(replaced="random"), under(replaced="random", seed=1))
    assert not torch.equal(under(replaced="random"), under(replaced="random", part="val"))


def test_random_words_are_new_in_every_epoch():
    first, second = (under(replaced="random", epoch=epoch) for epoch in range(2))
    is_word = WORDS > 0
    assert (first[is_word] != second[is_word]).float().mean() > 0.9  # 28 words: one in 28 repeats by chance


def test_a_question_meets_the_same_random_words_in_any_company_and_padding():
    whole = under(replaced="random", epoch=3)
    wider = torch.cat((WORDS[:7], torch.zeros(7, 5, dtype=torch.int64)), 1)
    values = {"num_words": 30, "num_marks": 2, "replaced": "random", "order": "original", "part": "train"}
    assert torch.equal(controlled(wider, **values, seed=0, epoch=3)[:, :4], whole[:7])


def test_another_order_stays_over_the_epochs():
    assert torch.equal(under(order="shuffled", epoch=0), under(order="shuffled", epoch=5))


@pytest.mark.parametrize("changes", [{"replaced": "none"}, {"order": "sorted"}])
def test_another_control_is_refused(changes):
    with pytest.raises(ValueError, match="must be one of"):
        under(**changes)
