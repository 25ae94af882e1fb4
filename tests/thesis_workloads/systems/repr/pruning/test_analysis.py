import math

import pytest
import torch
from scipy.stats import pearsonr, spearmanr

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.analysis import (
    agreement,
    contributions,
    pruned_shares,
)
from thesis_workloads.systems.repr.pruning.ranking import Ranking


def ranking(*, rank_first_conv=True):
    network = build_network(
        "c2-4",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=False,
        dropout=0.0,
        seed=0,
    )
    images, labels = (
        torch.randn(40, 1, 4, 4, generator=torch.Generator().manual_seed(0)),
        torch.arange(40) % 3,
    )
    return Ranking(
        network=network,
        convs=prunable_convs("c2-4", network),
        images=images,
        labels=labels,
        train_images=images,
        train_labels=labels,
        seed=0,
        round=1,
        score_scale="none",
        variant="text",
        rank_first_conv=rank_first_conv,
    )


def test_agreement_is_pearsons_and_spearmans_over_all_filters():
    scores = {"a": torch.tensor([1.0, 4.0, 2.0]), "b": torch.tensor([2.0, 9.0])}
    oracle = {"a": torch.tensor([0.1, 0.2, 0.2]), "b": torch.tensor([0.05, 0.9])}
    found = agreement(scores, oracle)
    ours, theirs = [1, 4, 2, 2, 9], [0.1, 0.2, 0.2, 0.05, 0.9]
    assert found.values == pytest.approx(pearsonr(ours, theirs)[0])
    assert found.ranks == pytest.approx(spearmanr(ours, theirs)[0])


def test_a_constant_metric_has_no_correlation():
    scores = {"a": torch.tensor([2.0, 2.0, 2.0])}
    assert math.isnan(agreement(scores, {"a": torch.tensor([1.0, 2.0, 3.0])}).values)


def test_contributions_are_in_points_of_accuracy():
    found = contributions({"a": torch.tensor([0.005, 0.04, -0.01, 0.02])})["a"]
    assert found.drops == pytest.approx((0.5, 4, -1, 2))
    assert (found.share_below_one, found.largest) == (0.5, pytest.approx(4))


def test_shares_of_pruned_filters_are_collected_by_round():
    rows = [
        {"epoch": 1},
        {"repr/pruned/a": 0.0, "repr/pruned/b": 0.5},
        {"repr/pruned/a": 0.1, "repr/pruned/b": 0.4},
    ]
    assert pruned_shares(rows) == {"a": (0.0, 0.1), "b": (0.5, 0.4)}
