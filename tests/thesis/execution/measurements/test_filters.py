"""Figures 5.2, 5.3 and 5.11 on networks so small that a run takes a second, without Ray."""

from statistics import fmean

import numpy as np
import pytest
import torch

from thesis.execution.measurements import filters as measure_filters
from thesis.execution.measurements.registry import MEASUREMENTS
from thesis.execution.measurements.request import MeasureRequest
from thesis_workloads.registry import find_system
from thesis_workloads.systems.repr.analyses import DECLARED
from thesis_workloads.systems.repr.networks.catalog import build_network
from thesis_workloads.systems.repr.pruning.ranking import METRICS

CONFIG = {
    "data": "digits",
    "num_train": 60,
    "num_val": 60,
    "model": "c2-6",
    "epochs": 4,
    "s1": 1,
    "s2": 1,
    "n": 1,
    "device": "cpu",
}


@pytest.fixture(autouse=True)
def no_ray(monkeypatch, train_here):
    monkeypatch.setattr(measure_filters, "train_trials", train_here)


def measured(measure, tmp_path, trainings, *, seeds=(0, 1), **more):
    settings = {"config": CONFIG, "trainings": trainings, "num_images": 60, "cells": 2, "above": 0.3, **more}
    request = MeasureRequest(scale="smoke", settings=settings, seeds=seeds, data_dir=None, folder=tmp_path)
    return measure(request)


def samples(findings, column, **row):
    """Returns a number's samples; where a table and a claim have it, they have the same."""
    first, *others = [each for each in findings.cells if each.column == column and dict(each.row) == row]
    assert all(each.values == first.values for each in others)
    return first.values


def mean(findings, column, **row):
    return fmean(samples(findings, column, **row).values())


@pytest.fixture(scope="module")
def standard():
    return {"standard": {"scheme": "standard"}}


def test_every_declared_figure_has_its_function():
    assert set(DECLARED) <= set(MEASUREMENTS)


def test_layers_are_compared_with_what_unrelated_numbers_give(tmp_path, standard):
    found = measured(measure_filters.measure_layers, tmp_path, standard)
    for layer in (1, 2):
        assert 0 <= mean(found, "mean_cca", layer=layer) <= mean(found, "largest_cca", layer=layer) <= 1
        assert mean(found, "mean_cca", layer=layer) == mean(found, "mean_cca", network="trained", layer=layer)
    noise = mean(found, "mean_cca", network="none: unrelated numbers", layer=1)
    assert noise < mean(found, "mean_cca", layer=1)
    assert mean(found, "share_of_cca", layer="random orthogonal", above=0.3) < 0.5


def test_orthogonal_filters_are_drawn_into_a_copy():
    config = find_system("repr").config(**CONFIG)
    shape = {"in_channels": 1, "image_size": (8, 8), "num_classes": 10}
    network = build_network("c2-6", **shape, batch_norm=False, dropout=0.0, seed=0)
    before = network.conv2.conv.weight.detach().clone()
    drawn = measure_filters._with_orthogonal_filters(config, network, 0).conv2.conv.weight.flatten(1)
    torch.testing.assert_close(drawn @ drawn.T, torch.eye(6))
    assert torch.equal(network.conv2.conv.weight, before)


def test_what_filters_are_worth_is_drawn_and_told_alike(tmp_path, standard):
    found = measured(measure_filters.measure_layers, tmp_path, standard, seeds=(0,))
    arrays = np.load(tmp_path / measure_filters.PICTURES)
    drops = np.concatenate([arrays["drops/1"], arrays["drops/2"]])
    assert mean(found, "largest_contribution") == pytest.approx(drops.max())
    assert drops.max() > 0
    below = mean(found, "share_of_filters", layer=2, contribution_below=1.0)
    assert below == pytest.approx((arrays["drops/2"] < 1).mean())
    assert arrays["lower/standard"].shape == arrays["upper/standard"].shape == (6, 6)


def test_every_training_has_its_overlap_and_what_was_pruned_is_of_the_run_that_ranks_all_layers(
    tmp_path, standard
):
    trainings = {**standard, "repr": {}, "all": {"rank_first_conv": True, "p": 50.0}}
    found = measured(measure_filters.measure_trainings, tmp_path, trainings)
    overlaps = {name: samples(found, "mean_cca", training=name, layer=1) for name in trainings}
    assert all(set(values) == {"0", "1"} for values in overlaps.values())
    assert overlaps["standard"] != overlaps["repr"]
    pruned = [mean(found, "pruned_share", layer=layer) for layer in ("first", "last")]
    assert fmean(pruned) == pytest.approx(0.5)
    assert pruned[0] > 0


def test_every_metric_but_the_oracle_is_set_beside_it_early_and_late(tmp_path, standard):
    found = measured(measure_filters.measure_agreement, tmp_path, standard, early=1)
    others = set(METRICS) - {"oracle"}
    drawn = {cell.row["metric"] for cell in found.cells if cell.column == "correlation"}
    assert drawn == others
    for metric in others:
        late = samples(found, "correlation", metric=metric, of="ranks")
        assert late == samples(found, "correlation_with_oracle", metric=metric, on="rank")
        assert late == samples(found, "correlation_with_oracle", metric=metric, epoch="converged")
        assert all(-1 <= value <= 1 for value in late.values())
    early = samples(found, "correlation_with_oracle", metric="taylor", epoch="early")
    assert early != samples(found, "correlation_with_oracle", metric="taylor", epoch="converged")


def test_a_metric_that_is_the_same_for_every_filter_is_named_and_left_out(tmp_path, standard, monkeypatch):
    monkeypatch.setitem(
        METRICS,
        "weights",
        lambda case: {name: scores * 0 + 1 for name, scores in METRICS["random"](case).items()},
    )
    found = measured(measure_filters.measure_agreement, tmp_path, standard, seeds=(0,), early=1)
    assert "weights is the same for every filter at seed 0, converged" in found.missing
    assert not [cell for cell in found.cells if cell.row.get("metric") == "weights"]
