import pytest
import torch
from torch import nn

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.readers import reset_readers

OPTIONS = {"in_channels": 1, "image_size": (4, 4), "num_classes": 3, "batch_norm": False, "dropout": 0.0}
KEPT = {f"conv{i}.conv": torch.tensor([0, 2, 3]) for i in (1, 2, 3)}  # of four filters
DROPPED = torch.tensor([1])


def reset(how, position=0, network=None, optimizer_state=None, fresh=None):
    network = network or build_network("c3-4", **OPTIONS, seed=0)
    conv = prunable_convs("c3-4", network)[position]
    reset_readers(network, optimizer_state or {}, conv, KEPT, DROPPED, how=how, fresh=fresh)
    return network


def test_zero_silences_the_columns_of_kept_filters_alone():
    before = build_network("c3-4", **OPTIONS, seed=0).conv2.conv.weight
    after = reset("zero").conv2.conv.weight
    assert after[[0, 2, 3], 1].abs().max() == 0
    assert torch.equal(after[1], before[1])  # a new filter itself
    assert torch.equal(after[:, [0, 2, 3]], before[:, [0, 2, 3]])


def test_a_linear_reader_loses_all_features_of_the_channel():
    weight = reset("zero", position=2).head.weight
    is_zero = (weight == 0).all(0).view(4, 16).all(1)
    assert is_zero.tolist() == [False, True, False, False]


def test_fresh_takes_the_weights_of_a_new_network():
    fresh = build_network("c3-4", **OPTIONS, seed=1)
    after = reset("fresh", fresh=fresh).conv2.conv.weight
    assert torch.equal(after[[0, 2, 3], 1], fresh.conv2.conv.weight[[0, 2, 3], 1])


@pytest.mark.parametrize("how", ["old", "zero"])
def test_the_slots_of_the_columns_start_again_and_no_others(how):
    optimizer_state = {
        "conv2.conv.weight": {"momentum_buffer": torch.ones(4, 4, 3, 3), "step": torch.tensor(5.0)}
    }
    network = build_network("c3-4", **OPTIONS, seed=0)
    before = network.conv2.conv.weight.clone()
    reset(how, network=network, optimizer_state=optimizer_state)
    buffer = optimizer_state["conv2.conv.weight"]["momentum_buffer"]
    assert buffer[:, 1].abs().max() == 0
    assert buffer[:, [0, 2, 3]].min() == 1
    assert optimizer_state["conv2.conv.weight"]["step"] == 5
    assert torch.equal(network.conv2.conv.weight, before) == (how == "old")


def test_other_ways_are_refused():
    with pytest.raises(ValueError, match="readers must be old, zero or fresh, got readers='none'"):
        reset("none")
    with pytest.raises(ValueError, match="readers=fresh must be given a new network"):
        reset("fresh")
    assert isinstance(reset("old"), nn.Module)
