"""Sentences in two tensors give the rows they were made of."""

import torch

from thesis_workloads.text.sentences import join, padded_rows, subset

ROWS = [[5, 6, 7], [], [8], [9, 3]]


def test_chosen_sentences_come_padded_with_their_lengths():
    table, lengths = padded_rows(join(ROWS), torch.tensor([2, 0]))
    assert table.tolist() == [[8, 0, 0], [5, 6, 7]]
    assert lengths.tolist() == [1, 3]


def test_an_empty_last_sentence_is_a_row_of_padding():
    table, lengths = padded_rows(join([[4], []]), torch.tensor([1]))
    assert table.tolist() == [[0]]
    assert lengths.tolist() == [0]


def test_lengths_are_those_of_the_rows():
    assert join(ROWS).lengths.tolist() == [3, 0, 1, 2]


def test_a_subset_holds_the_chosen_sentences_in_order():
    some = subset(join(ROWS), torch.tensor([3, 1, 0]))
    assert some.tokens.tolist() == [9, 3, 5, 6, 7]
    assert some.starts.tolist() == [0, 2, 2, 5]
