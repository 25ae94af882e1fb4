import copy

import pytest
import torch
from torch import nn

from thesis_workloads.training.optimizers import (
    OPTIMIZERS,
    build_optimizer,
    load_optimizer_state,
    read_optimizer_state,
)


def build(name, network):
    return build_optimizer(name, network, learning_rate=0.1, momentum=0.9, weight_decay=0.01)


def take_steps(network, optimizer, count):
    for step in range(count):
        optimizer.zero_grad()
        network(torch.full((2, 3), step + 1.0)).square().sum().backward()
        optimizer.step()


def test_sgd_follows_the_gradient_and_the_penalty():
    network = nn.Linear(1, 1, bias=False)
    network.weight.data.fill_(2.0)
    optimizer = build("sgd", network)
    network(torch.ones(1, 1)).sum().backward()
    optimizer.step()
    assert network.weight.item() == pytest.approx(2.0 - 0.1 * (1.0 + 0.01 * 2.0))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_loaded_slots_go_on_like_the_optimizer_they_were_read_from(name):
    network = nn.Linear(3, 2)
    optimizer = build(name, network)
    take_steps(network, optimizer, 3)
    twin = copy.deepcopy(network)
    other = build(name, twin)
    load_optimizer_state(other, twin, read_optimizer_state(optimizer, network))
    take_steps(network, optimizer, 3)
    take_steps(twin, other, 3)
    assert torch.equal(network.weight, twin.weight)


def test_loaded_slots_are_copies():
    network = nn.Linear(3, 2)
    optimizer = build("momentum", network)
    take_steps(network, optimizer, 1)
    optimizer_state = read_optimizer_state(optimizer, network)
    other = build("momentum", network)
    load_optimizer_state(other, network, optimizer_state)
    optimizer_state["weight"]["momentum_buffer"].zero_()
    assert read_optimizer_state(other, network)["weight"]["momentum_buffer"].abs().sum() > 0


def test_plain_sgd_has_no_slots():
    network = nn.Linear(3, 2)
    optimizer = build("sgd", network)
    take_steps(network, optimizer, 1)
    assert read_optimizer_state(optimizer, network) == {}


def test_an_unknown_optimizer_is_refused():
    with pytest.raises(
        ValueError, match="optimizer must be one of sgd, momentum, adam, got optimizer='rmsprop'"
    ):
        build("rmsprop", nn.Linear(1, 1))
