import math

import pytest
import torch
from torch import nn

from thesis_workloads.training.evaluation import evaluate


def test_constant_logits_lose_log_k_and_get_their_class_right():
    network = nn.Linear(2, 4)
    nn.init.zeros_(network.weight)
    network.bias.data = torch.zeros(4)
    score = evaluate(network, torch.randn(8, 2), torch.tensor([0, 0, 1, 2, 3, 3, 3, 3]))
    assert (score.loss, score.accuracy) == pytest.approx((math.log(4), 0.25))


def test_the_score_does_not_depend_on_how_the_images_are_batched(monkeypatch):
    torch.manual_seed(0)
    network, images, labels = nn.Linear(3, 5), torch.randn(23, 3), torch.randint(0, 5, (23,))
    whole = evaluate(network, images, labels)
    monkeypatch.setattr("thesis_workloads.training.evaluation.EVALUATION_BATCH", 4)
    parts = evaluate(network, images, labels)
    assert (parts.loss, parts.accuracy) == pytest.approx((whole.loss, whole.accuracy))


def test_dropout_is_off_during_evaluation_and_on_again_after_it():
    network = nn.Sequential(nn.Linear(3, 5), nn.Dropout(0.5))
    images, labels = torch.randn(9, 3), torch.zeros(9, dtype=torch.long)
    assert evaluate(network, images, labels) == evaluate(network, images, labels)
    assert network.training


def test_no_images_are_refused():
    with pytest.raises(ValueError, match="images must not be empty"):
        evaluate(nn.Linear(1, 2), torch.empty(0, 1), torch.empty(0, dtype=torch.long))
