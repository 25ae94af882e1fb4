import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.training.elementwise_adam import ElementwiseAdam

RATE = 0.01


def run(optimizer, network, count, seed=0):
    draws = torch.Generator().manual_seed(seed)
    for _ in range(count):
        images, labels = torch.randn(8, 5, generator=draws), torch.arange(8) % 3
        optimizer.zero_grad()
        F.cross_entropy(network(images.to(next(network.parameters()))), labels).backward()
        optimizer.step()


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_it_is_adam_where_nothing_starts_again(decay):
    ours = nn.Linear(5, 3).double()
    theirs = copy.deepcopy(ours)
    run(ElementwiseAdam(ours.parameters(), lr=RATE, weight_decay=decay), ours, 50)
    run(torch.optim.Adam(theirs.parameters(), lr=RATE, weight_decay=decay), theirs, 50)
    assert torch.allclose(ours.weight, theirs.weight, atol=1e-10)


@pytest.mark.parametrize("steps_before", [1, 70, 5000])
def test_the_first_steps_of_a_cleared_row_are_within_the_rate(steps_before):
    weight = nn.Parameter(torch.zeros(2, 3))
    optimizer = ElementwiseAdam([weight], lr=RATE)
    gradient = torch.tensor([[1.0, -2.0, 3.0], [0.1, 5.0, 1e-4]])
    for _ in range(steps_before):
        weight.grad = gradient.clone()
        optimizer.step()
    for slot in optimizer.state[weight].values():
        slot[0] = 0.0
    for _ in range(100):
        before = weight.detach().clone()
        weight.grad = gradient.clone()
        optimizer.step()
        sizes = (weight.detach() - before).abs() / RATE
        assert sizes[0].min() >= 0.95
        assert sizes.max() <= 1.05


def test_a_cleared_row_takes_the_steps_of_a_new_one():
    old, new = nn.Parameter(torch.ones(2, 3).double()), nn.Parameter(torch.ones(1, 3).double())
    optimizers = [ElementwiseAdam([parameter], lr=RATE) for parameter in (old, new)]
    draws = torch.Generator().manual_seed(0)
    for _ in range(30):
        old.grad = torch.randn(2, 3, generator=draws).double()
        optimizers[0].step()
    for slot in optimizers[0].state[old].values():
        slot[1] = 0.0
    old.data[1] = 1.0
    for _ in range(20):
        old.grad = torch.randn(2, 3, generator=draws).double()
        new.grad = old.grad[1:].clone()
        for optimizer in optimizers:
            optimizer.step()
    assert torch.allclose(old[1:], new, atol=1e-12)
