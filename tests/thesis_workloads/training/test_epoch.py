import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.training.epoch import train_epoch


def setting():
    torch.manual_seed(0)
    return nn.Linear(3, 4).double(), torch.randn(10, 3).double(), torch.randint(0, 4, (10,))


def test_one_epoch_is_a_loop_over_batches_of_the_mean_cross_entropy():
    network, images, labels = setting()
    twin = copy.deepcopy(network)
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.3) for model in (network, twin)]
    order = torch.randperm(10)
    train_epoch(
        network, optimizers[0], images, labels, order=order, batch_size=4, learning_rate=lambda share: 0.3
    )
    for batch in order.split(4):
        optimizers[1].zero_grad()
        F.cross_entropy(twin(images[batch]), labels[batch]).backward()
        optimizers[1].step()
    assert torch.allclose(network.weight, twin.weight, rtol=0, atol=1e-14)


def test_loss_and_accuracy_are_means_over_the_images_seen():
    network, images, labels = setting()
    expected = F.cross_entropy(network(images), labels).item()
    right = (network(images).argmax(1) == labels).double().mean().item()
    score = train_epoch(
        network,
        torch.optim.SGD(network.parameters(), lr=0.0),
        images,
        labels,
        order=torch.arange(10),
        batch_size=3,
        learning_rate=lambda share: 0.0,
    )
    assert (score.loss, score.accuracy) == pytest.approx((expected, right))


def test_the_learning_rate_is_asked_for_at_every_step():
    network, images, labels = setting()
    shares = []
    train_epoch(
        network,
        torch.optim.SGD(network.parameters(), lr=0.1),
        images,
        labels,
        order=torch.arange(10),
        batch_size=4,
        learning_rate=lambda share: shares.append(share) or 0.1,
    )
    assert shares == pytest.approx([0, 1 / 3, 2 / 3])
