import pytest
import torch

from thesis_workloads.systems.repr.pruning.selection import check_prunable, num_to_prune, select


def chosen(scores, **options):
    settings = {"p": 30.0, "min_filters": 1, "rank_first_conv": True} | options
    tensors = {name: torch.tensor(values, dtype=torch.float64) for name, values in scores.items()}
    return {name: indices.tolist() for name, indices in select(tensors, **settings).items()}


def test_the_smallest_scores_of_the_whole_network_go():
    assert chosen({"a": [5.0, 1.0, 4.0], "b": [2.0, 3.0, 9.0, 8.0]}, p=42) == {"a": [0, 2], "b": [2, 3]}


def test_thirty_percent_of_ninety_six_filters_are_twenty_nine():
    assert num_to_prune(96, p=30) == 29


def test_a_layer_keeps_its_floor_and_others_give_instead():
    scores = {"a": [0.0, 0.1, 0.2, 0.3], "b": [5.0, 6.0, 7.0, 8.0]}
    assert chosen(scores, p=50, min_filters=2) == {"a": [2, 3], "b": [2, 3]}


def test_no_layer_ever_loses_its_last_filter():
    assert chosen({"a": [1.0, 2.0], "b": [3.0]}, p=100) == {"a": [1], "b": [0]}


def test_the_first_convolution_is_spared_but_counts_towards_the_percentage():
    scores = {"a": [0.0, 0.0, 0.0, 0.0], "b": [1.0, 2.0, 3.0, 4.0]}
    assert chosen(scores, p=25, rank_first_conv=False) == {"a": [0, 1, 2, 3], "b": [2, 3]}


def test_ties_go_in_the_order_of_layers_and_filters():
    assert chosen({"a": [1.0, 1.0, 1.0], "b": [1.0, 1.0, 1.0]}, p=50) == {"a": [2], "b": [1, 2]}


def test_nothing_goes_at_zero_percent():
    assert chosen({"a": [1.0, 2.0]}, p=0) == {"a": [0, 1]}


def test_scores_that_are_not_numbers_are_refused():
    with pytest.raises(ValueError, match="scores must be numbers, got 1 NaN"):
        chosen({"a": [float("nan"), 1.0]})


def test_a_percentage_that_would_empty_a_layer_is_refused_before_training():
    widths = {"a": 32, "b": 32, "c": 32}
    with pytest.raises(ValueError, match=r"at most 64.58 percent of the 96 filters .* got p=70"):
        check_prunable(widths, p=70, min_filters=1, rank_first_conv=False)
    check_prunable(widths, p=64.5, min_filters=1, rank_first_conv=False)


def test_a_network_without_convolutions_is_refused():
    with pytest.raises(ValueError, match="model must have convolutions"):
        check_prunable({}, p=30, min_filters=1, rank_first_conv=True)
