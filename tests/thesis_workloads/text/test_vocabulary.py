import pytest
import torch

from thesis_workloads.text.tokens import split_words, without_stop_words
from thesis_workloads.text.vocabulary import PADDING, UNKNOWN, build_vocabulary, numbers_of, padded

COUNTS = {"fever": 3, "cough": 5, "ache": 3, "rash": 1}


def test_the_commonest_words_come_first_and_ties_are_alphabetical():
    assert build_vocabulary(COUNTS, max_words=3).words == (PADDING, "cough", "ache", "fever")


def test_rare_words_are_left_out():
    assert "rash" not in build_vocabulary(COUNTS, max_words=9, min_count=2).words


def test_unknown_words_are_dropped_without_a_mark_for_them():
    assert numbers_of(["cough", "zebra", "ache"], build_vocabulary(COUNTS, max_words=3)) == [1, 2]


def test_unknown_words_become_their_mark():
    vocabulary = build_vocabulary(COUNTS, max_words=3, marks=(PADDING, UNKNOWN))
    assert numbers_of(["cough", "zebra"], vocabulary) == [2, 1]


def test_rows_are_padded_on_the_right_and_cut():
    expected = torch.tensor([[4, 5], [6, 0], [0, 0]])
    assert torch.equal(padded([[4, 5, 7], [6], []], width=2), expected)


def test_padding_must_be_number_zero():
    with pytest.raises(ValueError, match="marks must begin"):
        build_vocabulary(COUNTS, max_words=3, marks=(UNKNOWN,))


def test_the_digest_depends_on_the_order_of_words():
    first = build_vocabulary({"a1": 2, "b1": 1}, max_words=2)
    second = build_vocabulary({"a1": 1, "b1": 2}, max_words=2)
    assert first.digest != second.digest


def test_words_are_lower_case_without_punctuation():
    assert split_words("Crohn's disease, T-cell\nB12!") == ["crohn's", "disease", "t", "cell", "b12"]


def test_stop_words_are_left_out():
    assert without_stop_words(["pain", "in", "the", "chest"]) == ["pain", "chest"]
