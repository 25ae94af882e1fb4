import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.reinitialise import (
    dropped_filters,
    least_energy_directions,
    new_filters,
    reinitialise,
    released_filters,
)
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv


def layer(width, channels, seed=0):
    return torch.randn(width, channels, 3, 3, generator=torch.Generator().manual_seed(seed))


def renewed(weight, dropped, seed=0):
    return new_filters(weight, torch.tensor(dropped), draws=torch.Generator().manual_seed(seed))


def cosines(first, second):
    unit = [F.normalize(filters.flatten(1).double(), dim=1) for filters in (first, second)]
    return (unit[0] @ unit[1].T).abs()


def is_new(new, weight, dropped):
    retained = [index for index in range(len(weight)) if index not in dropped]
    to_retained = cosines(new, weight[retained]).max()
    to_own_old = cosines(new, weight[dropped]).diagonal().max()
    return max(to_retained, to_own_old) < 1e-5


def test_new_filters_are_orthogonal_to_the_retained_ones_and_to_their_own_old_values():
    weight, dropped = layer(32, 32), list(range(3, 31, 3))
    assert is_new(renewed(weight, dropped), weight, dropped)


def test_new_filters_are_orthogonal_to_each_other_where_there_is_room():
    weight, dropped = layer(32, 32), list(range(10))
    new = renewed(weight, dropped)
    assert (cosines(new, new) - torch.eye(10)).abs().max() < 1e-5


@pytest.mark.parametrize("num_dropped", [2, 9, 10])
def test_they_stay_orthogonal_to_retained_and_old_where_there_is_room_for_little_else(num_dropped):
    # 9 dimensions, 7 retained filters: two remain, of which the old value takes one
    weight, dropped = layer(7 + num_dropped, 1), list(range(num_dropped))
    assert is_new(renewed(weight, dropped), weight, dropped)


def test_retained_filters_that_repeat_each_other_leave_their_room_to_new_ones():
    weight = torch.cat((layer(3, 1), layer(3, 1).repeat(6, 1, 1, 1) * 0.5))
    assert is_new(renewed(weight, [0, 1]), weight, [0, 1])


def test_norms_match_the_mean_norm_of_the_retained_filters():
    weight = layer(16, 4) * torch.linspace(0.1, 2, 16).view(-1, 1, 1, 1)
    norms = renewed(weight, [0, 5]).flatten(1).norm(dim=1)
    others = [index for index in range(16) if index not in (0, 5)]
    expected = weight[others].flatten(1).norm(dim=1).mean().item()
    assert norms.tolist() == pytest.approx([expected, expected], rel=1e-5)


def test_where_the_retained_filters_fill_the_space_new_ones_take_the_least_energy():
    weight, dropped = layer(32, 1), list(range(4))
    new = F.normalize(renewed(weight, dropped).flatten(1).double(), dim=1)
    unit = F.normalize(weight.flatten(1).double(), dim=1)
    energies = torch.linalg.eigvalsh(unit.T @ unit)
    assert (new @ unit.T).square().sum(1).tolist() == pytest.approx(energies[:4].tolist(), rel=1e-5)


def test_the_fallback_never_repeats_a_direction():
    weight, dropped = layer(40, 1), list(range(25))
    new = renewed(weight, dropped)
    assert torch.isfinite(new).all()
    assert (cosines(new, new) - torch.eye(25)).max() < 0.999


def test_least_energy_directions_are_orthonormal_up_to_the_dimension():
    directions = least_energy_directions(torch.randn(20, 9), 9, draws=torch.Generator().manual_seed(0))
    assert torch.allclose(directions @ directions.T, torch.eye(9), atol=1e-5)


def test_the_released_code_gives_back_nearly_the_old_filter():
    weight = layer(32, 32)
    released = released_filters(weight)
    assert cosines(released, weight).diagonal().min() > 0.9
    assert released.flatten(1).norm(dim=1).tolist() == pytest.approx([1.0] * 32, rel=1e-5)


def test_the_released_code_is_one_gram_schmidt_pass_in_the_order_of_the_filters():
    weight = layer(5, 2).double()
    vectors, expected = weight.flatten(1), []
    for vector in vectors:
        for earlier in expected:
            vector = vector - earlier * (earlier @ vector)
        expected.append(vector / vector.norm())
    assert torch.allclose(released_filters(weight).flatten(1), torch.stack(expected), atol=1e-12)


def test_the_released_code_reshapes_a_layer_wider_than_its_fan_in():
    released = released_filters(layer(32, 1).double())
    flat = released.permute(2, 3, 1, 0).reshape(9, 32)
    assert torch.allclose(flat @ flat.T, torch.eye(9).double(), atol=1e-12)


def setting():
    network = build_network(
        "c3-8",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=True,
        dropout=0.0,
        seed=0,
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(network(torch.randn(16, 1, 4, 4)), torch.arange(16) % 3).backward()
        optimizer.step()
    optimizer_state = {name: dict(optimizer.state[value]) for name, value in network.named_parameters()}
    kept = {f"conv{i}.conv": torch.tensor([0, 1, 3, 4, 6]) for i in (1, 2, 3)}
    return network, optimizer_state, prunable_convs("c3-8", network), kept


def changed_entries(before, after):
    return {name: value != after[name] for name, value in before.items() if (value != after[name]).any()}


def test_a_reinitialised_filter_starts_with_fresh_bias_batch_norm_and_slots():
    network, optimizer_state, convs, kept = setting()
    reinitialise(network, optimizer_state, convs, kept, seed=0, round_number=1, variant="text")
    gone = dropped_filters(8, kept["conv2.conv"])
    norm = network.conv2.norm
    fresh = (network.conv2.conv.bias, norm.weight, norm.bias, norm.running_mean, norm.running_var)
    assert [value[gone].unique().tolist() for value in fresh] == [[0.0], [1.0], [0.0], [0.0], [1.0]]
    for name in ("conv2.conv.weight", "conv2.conv.bias", "conv2.norm.weight", "conv2.norm.bias"):
        assert (
            optimizer_state[name]["exp_avg"][gone].abs().max()
            == optimizer_state[name]["exp_avg_sq"][gone].max()
            == 0
        )


def test_everything_else_but_the_readers_slots_is_untouched():
    network, optimizer_state, convs, kept = setting()
    before, slots_before = copy.deepcopy(network.state_dict()), copy.deepcopy(optimizer_state)
    reinitialise(network, optimizer_state, convs, kept, seed=0, round_number=1, variant="text")
    gone = dropped_filters(8, kept["conv1.conv"])
    stays = torch.tensor([index for index in range(8) if index not in gone.tolist()])
    for name, changed in changed_entries(before, network.state_dict()).items():
        assert name.startswith("conv")
        assert not changed[stays].any(), name
    for name, state in optimizer_state.items():
        for slot, changed in changed_entries(slots_before[name], state).items():
            heard = stays if name != "head.weight" else torch.arange(8 * 16).view(8, 16)[stays].flatten()
            of_stays = changed[:, heard] if name == "head.weight" else changed[stays]
            of_stays = of_stays[:, stays] if name in ("conv2.conv.weight", "conv3.conv.weight") else of_stays
            assert not of_stays.any(), (name, slot)


def test_the_readers_keep_their_weights_for_the_new_filters():
    network, optimizer_state, convs, kept = setting()
    head = network.head.weight.clone()
    reinitialise(network, optimizer_state, convs, kept, seed=0, round_number=1, variant="text")
    assert torch.equal(network.head.weight, head)


def test_a_batch_norm_of_concatenated_features_is_reset_at_the_filters_offset():
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(7))
    nn.init.constant_(network[1].bias, 5.0)
    convs = (PrunableConv(conv="0", norm=None, consumers=(Consumer(name="1", offset=4),)),)
    reinitialise(network, {}, convs, {"0": torch.tensor([0, 2])}, seed=0, round_number=1, variant="text")
    assert network[1].bias.tolist() == [5, 5, 5, 5, 5, 0, 5]


def test_the_same_seed_and_round_give_the_same_filters_and_the_next_round_others():
    weights = []
    for round_number in (1, 1, 2):
        torch.manual_seed(0)
        network, optimizer_state, convs, kept = setting()
        reinitialise(network, optimizer_state, convs, kept, seed=0, round_number=round_number, variant="text")
        weights.append(network.conv3.conv.weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_released_variant_replaces_weights_only():
    network, optimizer_state, convs, kept = setting()
    before, slots_before = copy.deepcopy(network.state_dict()), copy.deepcopy(optimizer_state)
    reinitialise(network, optimizer_state, convs, kept, seed=0, round_number=1, variant="released")
    changed = changed_entries(before, network.state_dict())
    assert set(changed) == {f"conv{i}.conv.weight" for i in (1, 2, 3)}
    assert not any(changed_entries(slots_before[name], optimizer_state[name]) for name in optimizer_state)


def test_an_unknown_variant_is_refused():
    network, optimizer_state, convs, kept = setting()
    with pytest.raises(ValueError, match="variant must be text or released, got variant='paper'"):
        reinitialise(network, optimizer_state, convs, kept, seed=0, round_number=1, variant="paper")
