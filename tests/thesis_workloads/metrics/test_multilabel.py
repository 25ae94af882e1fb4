"""Ranking and multi-label metrics against scikit-learn and by hand."""

import math

import pytest
import torch
from sklearn import metrics as peers

from thesis_workloads.metrics.multilabel import (
    areas_under_curve,
    hamming_all_negative,
    hamming_loss,
    per_label_rows,
    precision_at,
    precision_ceiling_at,
    recall_at,
)


def drawn(seed=0, size=(200, 12), ties=False):
    draws = torch.Generator().manual_seed(seed)
    scores = torch.randn(size, generator=draws)
    labels = (torch.rand(size, generator=draws) < 0.2).float()
    return (scores.round() if ties else scores), labels


@pytest.mark.parametrize("ties", [False, True])
def test_macro_auc_is_scikit_learns_with_and_without_ties(ties):
    scores, labels = drawn(ties=ties)
    expected = peers.roc_auc_score(labels.numpy(), scores.numpy(), average="macro")
    assert areas_under_curve(scores, labels).macro == pytest.approx(expected, abs=1e-12)


def test_labels_of_one_class_are_left_out_and_counted():
    scores = torch.tensor([[0.9, 0.1, 0.3], [0.2, 0.5, 0.4]])
    labels = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    areas = areas_under_curve(scores, labels)
    assert (areas.macro, areas.num_counted, areas.num_left_out) == (1.0, 1, 2)


def test_without_any_countable_label_the_macro_auc_is_not_a_number():
    areas = areas_under_curve(torch.zeros(3, 2), torch.zeros(3, 2))
    assert math.isnan(areas.macro)


def test_equal_scores_have_an_auc_of_one_half():
    assert areas_under_curve(torch.zeros(4, 1), torch.tensor([[1.0], [0.0], [0.0], [1.0]])).macro == 0.5


def test_precision_and_recall_at_k_by_hand():
    scores = torch.tensor([[0.9, 0.8, 0.1, 0.0], [0.1, 0.2, 0.3, 0.4]])
    labels = torch.tensor([[1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    assert precision_at(scores, labels, k=2) == pytest.approx((1 / 2 + 2 / 2) / 2)
    assert recall_at(scores, labels, k=2) == pytest.approx((1 / 3 + 2 / 2) / 2)


def test_a_perfect_ranking_reaches_the_ceiling_and_none_exceeds_it():
    scores, labels = drawn(seed=3)
    ceiling = precision_ceiling_at(labels)
    assert precision_at(labels, labels) == pytest.approx(ceiling)
    assert precision_at(scores, labels) <= ceiling < 1


def test_items_without_a_label_do_not_count_for_recall():
    labels = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    assert recall_at(torch.tensor([[0.5, 0.1], [0.5, 0.1]]), labels, k=1) == 1.0


def test_hamming_loss_is_scikit_learns():
    scores, labels = drawn(seed=5)
    expected = peers.hamming_loss(labels.numpy() > 0, scores.sigmoid().numpy() >= 0.5)
    assert hamming_loss(scores.sigmoid(), labels) == pytest.approx(expected)


def test_predicting_nothing_has_the_all_negative_hamming_loss():
    _, labels = drawn(seed=6)
    assert hamming_loss(torch.zeros_like(labels), labels) == hamming_all_negative(labels)


def test_the_per_label_rows_agree_with_scikit_learn():
    scores, labels = drawn(seed=7)
    row = per_label_rows(scores.sigmoid(), labels, tuple("abcdefghijkl"))[3]
    truth, predicted = labels[:, 3].numpy() > 0, scores[:, 3].numpy() >= 0
    assert (row.name, row.num_positive) == ("d", int(truth.sum()))
    expected = peers.precision_score(truth, predicted), peers.recall_score(truth, predicted)
    assert (row.precision, row.recall) == pytest.approx(expected)


def test_more_places_than_labels_are_refused():
    with pytest.raises(ValueError, match="k must be in"):
        precision_at(torch.zeros(2, 3), torch.zeros(2, 3), k=5)
