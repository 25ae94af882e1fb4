import dataclasses

import pytest
import torch

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.ortho import ortho_overlap, released_overlap
from thesis_workloads.systems.repr.pruning.ranking import (
    METRICS,
    Ranking,
    importance,
    ortho_sum,
    ranking_images,
)


def ranking(**options):
    network = build_network(
        "c2-6",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=False,
        dropout=0.0,
        seed=0,
    )
    settings = {
        "network": network,
        "convs": prunable_convs("c2-6", network),
        "images": torch.randn(10, 1, 4, 4),
        "labels": torch.arange(10) % 3,
        "seed": 0,
        "round": 1,
        "score_scale": "none",
        "variant": "text",
        "rank_first_conv": True,
        "train_images": torch.randn(9, 1, 4, 4),
        "train_labels": torch.arange(9) % 3,
    }
    return Ranking(**settings | options)


def test_ortho_calls_the_filter_that_overlaps_most_the_least_important():
    case = ranking()
    weight = case.network.conv2.conv.weight
    assert torch.equal(importance("ortho", case)["conv2.conv"], -ortho_overlap(weight))


def test_ortho_can_be_scaled_by_dimension_or_computed_as_released():
    case = ranking(score_scale="dimension")
    weight = case.network.conv2.conv.weight
    scaled = importance("ortho", case)["conv2.conv"]
    released = importance("ortho", ranking(variant="released"))["conv2.conv"]
    assert torch.equal(scaled, -ortho_overlap(weight, scale="dimension"))
    assert torch.equal(released, -released_overlap(weight))


def test_weights_ranks_by_the_norm_of_the_filter():
    case = ranking()
    with torch.no_grad():
        case.network.conv1.conv.weight.zero_()
        case.network.conv1.conv.weight[2, 0, :2, 0] = torch.tensor([3.0, 4.0])
    assert importance("weights", case)["conv1.conv"].tolist() == [0, 0, 5, 0, 0, 0]


def test_random_depends_on_seed_and_round_alone():
    first, again = importance("random", ranking()), importance("random", ranking())
    other = importance("random", ranking(round=2))
    assert torch.equal(first["conv1.conv"], again["conv1.conv"])
    assert not torch.equal(first["conv1.conv"], other["conv1.conv"])


def test_the_oracle_leaves_the_first_convolution_out_where_it_is_not_ranked():
    scores = importance("oracle", ranking(rank_first_conv=False))
    assert scores["conv1.conv"].isinf().all()
    assert scores["conv2.conv"].isfinite().all()


@pytest.mark.parametrize("metric", METRICS)
def test_scores_scaled_by_layer_keep_their_order_and_have_norm_one(metric):
    case = ranking()
    plain = importance(metric, case)["conv2.conv"]
    scaled = importance(metric, dataclasses.replace(case, score_scale="layer"))["conv2.conv"]
    assert torch.equal(plain.argsort(), scaled.argsort())
    assert scaled.norm().item() == pytest.approx(1)


def test_the_images_to_rank_with_are_drawn_anew_each_round_from_those_to_train_on():
    first, again, other = (ranking_images(50, count=20, seed=1, round_number=n) for n in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert ranking_images(15, count=20, seed=1, round_number=1).tolist() == list(range(15))


def test_ortho_sum_adds_the_overlap_of_all_filters():
    case = ranking()
    expected = sum(ortho_overlap(block.conv.weight).sum().item() for block in case.network[:2])
    assert ortho_sum(case.network, case.convs) == pytest.approx(expected)


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="metric must be one of ortho, weights, random, oracle"):
        importance("apz", ranking())
