import pytest
import torch
from torch import nn

from thesis_workloads.systems.repr.pruning.masking import mask_filters, silence_filters
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv
from thesis_workloads.training.optimizers import build_optimizer

CONVS = (PrunableConv(conv="0", norm="1", consumers=(Consumer(name="3"),)),)


def network():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3))
    nn.init.constant_(layers[1].bias, 0.7)
    return layers


def test_masked_filters_put_out_zero_behind_their_batch_norm():
    layers = network()
    mask_filters(layers, CONVS, {"0": torch.tensor([1, 3])})
    outputs = layers[:3](torch.randn(2, 1, 6, 6))
    assert outputs[:, [0, 2]].abs().max() == 0
    assert outputs[:, [1, 3]].abs().max() > 0


def test_masked_filters_get_no_gradient():
    layers = network()
    mask_filters(layers, CONVS, {"0": torch.tensor([1, 3])})
    layers(torch.randn(2, 1, 6, 6)).sum().backward()
    assert layers[0].weight.grad[[0, 2]].abs().max() == 0
    assert layers[1].weight.grad[[0, 2]].abs().max() == 0


def test_removing_the_handles_brings_the_filters_back():
    layers, images = network().eval(), torch.randn(2, 1, 6, 6)
    expected = layers(images)
    for handle in mask_filters(layers, CONVS, {"0": torch.tensor([0])}):
        handle.remove()
    assert torch.equal(layers(images), expected)


@pytest.mark.parametrize("optimizer_name", ["momentum", "adam"])
def test_silenced_filters_stay_silent_whatever_the_optimizer_remembers(optimizer_name):
    layers, images = network(), torch.randn(2, 1, 6, 6)
    optimizer = build_optimizer(optimizer_name, layers, learning_rate=0.1, momentum=0.9, weight_decay=0.1)
    for is_silenced in (False, True):
        if is_silenced:
            silence_filters(layers, CONVS, {"0": torch.tensor([1, 3])})
        optimizer.zero_grad()
        layers(images).square().sum().backward()
        optimizer.step()
    assert layers[1].weight.grad[[0, 2]].abs().max() == 0
    assert layers[0].weight.grad[[0, 2]].abs().max() == 0
    assert layers[:3](images)[:, [0, 2]].abs().max() == 0
