import pytest
import torch
from torch import nn

from thesis_workloads.systems.repr.pruning.sparse import hold_at_zero, magnitude_masks, share_at_zero
from thesis_workloads.training.optimizers import build_optimizer, read_optimizer_state


def network_of():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 2), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 3)).double()


def step(network, optimizer):
    optimizer.zero_grad()
    network(torch.randn(5, 1, 3, 3).double()).square().sum().backward()
    optimizer.step()


def test_each_layer_loses_its_smallest_weights():
    layer = nn.Sequential(nn.Linear(5, 1))
    with torch.no_grad():
        layer[0].weight.copy_(torch.tensor([[0.1, -0.3, 0.2, -0.05, 1.0]]))
    masks = magnitude_masks(layer, p=40.0)
    assert masks["0.weight"].tolist() == [[False, True, True, False, True]]


def test_every_layer_has_the_same_share_and_norms_stay_dense():
    masks = magnitude_masks(network_of(), p=25.0)
    assert {name: int((~mask).sum()) for name, mask in masks.items()} == {"0.weight": 4, "3.weight": 12}
    assert share_at_zero(masks) == 0.25
    assert share_at_zero({}) == 0.0


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_held_weights_stay_at_zero_with_their_slots_until_they_are_released(name):
    network = network_of()
    optimizer = build_optimizer(name, network, learning_rate=0.05, momentum=0.9, weight_decay=0.01)
    step(network, optimizer)
    masks = magnitude_masks(network, p=25.0)
    handles = hold_at_zero(network, read_optimizer_state(optimizer, network), masks)
    for _ in range(3):
        step(network, optimizer)
    held = ~masks["3.weight"]
    optimizer_state = [
        slot
        for slot in read_optimizer_state(optimizer, network).get("3.weight", {}).values()
        if slot.dim() == 2
    ]
    assert network[3].weight[held].abs().max() == 0
    assert all(slot[held].abs().max() == 0 for slot in optimizer_state)
    for handle in handles:
        handle.remove()
    step(network, optimizer)
    assert network[3].weight[held].abs().min() > 0


def test_the_other_weights_train_as_if_the_held_ones_were_not_there():
    network = network_of()
    mask = torch.ones(3, 16, dtype=torch.bool)
    mask[:, :4] = False  # all that reads the first filter
    hold_at_zero(network, {}, {"3.weight": mask})
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    before = network[0].weight.detach().clone()
    step(network, optimizer)
    assert torch.equal(network[0].weight[0], before[0])
    assert not torch.equal(network[0].weight[1], before[1])
