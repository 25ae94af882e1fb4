"""Physically smaller networks against masked ones, in float64, for every kind of wiring."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.masking import mask_filters
from thesis_workloads.systems.repr.pruning.subnetwork import (
    not_silenced,
    put,
    put_optimizer_state,
    scatter,
    selection,
    shrink,
    take,
    take_optimizer_state,
)
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv, filters
from thesis_workloads.training.optimizers import build_optimizer, load_optimizer_state, read_optimizer_state


class Dense(nn.Module):
    """Two layers of growth on concatenated features, batch norm before each convolution."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.norm1, self.conv1 = nn.BatchNorm2d(4), nn.Conv2d(4, 3, 3, padding=1)
        self.norm2, self.conv2 = nn.BatchNorm2d(7), nn.Conv2d(7, 5, 3, padding=1)
        self.norm3, self.head = nn.BatchNorm2d(12), nn.Linear(12, 3)

    def forward(self, images):
        features = self.stem(images)
        features = torch.cat((features, self.conv1(F.relu(self.norm1(features)))), 1)
        features = torch.cat((features, self.conv2(F.relu(self.norm2(features)))), 1)
        return self.head(F.relu(self.norm3(features)).mean((2, 3)))

    def wiring(self):
        def reads(offset, *layers):
            return tuple(Consumer(name=name, offset=offset) for name in layers)

        return (
            PrunableConv(
                conv="stem",
                norm=None,
                consumers=reads(0, "norm1", "conv1", "norm2", "conv2", "norm3", "head"),
            ),
            PrunableConv(conv="conv1", norm=None, consumers=reads(4, "norm2", "conv2", "norm3", "head")),
            PrunableConv(conv="conv2", norm=None, consumers=reads(7, "norm3", "head")),
        )


class Residual(nn.Module):
    """One residual block: its inner convolution can shrink, the two that are summed can't."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm0 = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.conv1, self.norm1 = nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.norm2 = nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 9, 3)

    def forward(self, images):
        trunk = F.relu(self.norm0(self.stem(images)))
        inner = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(trunk)))))
        return self.head(F.adaptive_avg_pool2d(F.relu(trunk + inner), 3).flatten(1))

    def wiring(self):
        return (
            PrunableConv(conv="stem", norm="norm0", consumers=(), removable=False),
            PrunableConv(conv="conv1", norm="norm1", consumers=(Consumer(name="conv2"),)),
            PrunableConv(conv="conv2", norm="norm2", consumers=(), removable=False),
        )


class Branches(nn.Module):
    """Two parallel convolutions that are concatenated, as in Inception."""

    def __init__(self):
        super().__init__()
        self.left, self.norm = nn.Conv2d(1, 4, 1), nn.BatchNorm2d(4)
        self.right = nn.Conv2d(1, 5, 3, padding=1)
        self.last, self.head = nn.Conv2d(9, 4, 3), nn.Linear(4 * 16, 3)

    def forward(self, images):
        joined = torch.cat((F.relu(self.norm(self.left(images))), F.relu(self.right(images))), 1)
        return self.head(F.max_pool2d(F.relu(self.last(joined)), 1).flatten(1))

    def wiring(self):
        return (
            PrunableConv(conv="left", norm="norm", consumers=(Consumer(name="last"),)),
            PrunableConv(conv="right", norm=None, consumers=(Consumer(name="last", offset=4),)),
            PrunableConv(conv="last", norm=None, consumers=(Consumer(name="head", features_per_channel=16),)),
        )


def plain(batch_norm):
    network = build_network(
        "c3-6",
        in_channels=1,
        image_size=(6, 6),
        num_classes=3,
        batch_norm=batch_norm,
        dropout=0.0,
        seed=0,
    )
    return network, prunable_convs("c3-6", network)


FAMILIES = {
    "plain": lambda: plain(False),
    "plain with batch norm": lambda: plain(True),
    "dense": lambda: (network := Dense(), network.wiring()),
    "residual": lambda: (network := Residual(), network.wiring()),
    "branches": lambda: (network := Branches(), network.wiring()),
}


def setting(family):
    torch.manual_seed(0)
    network, convs = FAMILIES[family]()
    network = network.double()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight, module.bias):
                nn.init.normal_(value)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    kept = {}
    for conv in convs:
        width = len(filters(network, conv))
        kept[conv.conv] = torch.randperm(width)[: width // 2 + 1].sort().values
    batches = [(torch.randn(8, 1, 6, 6).double(), torch.randint(0, 3, (8,))) for _ in range(6)]
    return network, convs, kept, batches


def step(network, optimizer, batch):
    optimizer.zero_grad()
    loss = F.cross_entropy(network(batch[0]), batch[1])
    loss.backward()
    optimizer.step()
    return loss.item()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_smaller_network_puts_out_what_a_masked_one_does(family):
    network, convs, kept, batches = setting(family)
    sub = shrink(network, convs, kept)
    mask_filters(network, convs, kept)
    for model in (network.train(), sub.train(), network.eval(), sub.eval()):
        model(batches[0][0])
    assert torch.allclose(sub.eval()(batches[1][0]), network.eval()(batches[1][0]), rtol=0, atol=1e-13)


@pytest.mark.parametrize("optimizer_name", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_smaller_network_trains_like_a_masked_one_and_scatters_back_to_it(family, optimizer_name):
    network, convs, kept, batches = setting(family)

    def optimizer_of(model):
        return build_optimizer(optimizer_name, model, learning_rate=0.05, momentum=0.9, weight_decay=0.01)

    optimizer = optimizer_of(network)
    for batch in batches[:2]:
        step(network, optimizer, batch)
    masked, full_optimizer_state = (
        copy.deepcopy(network),
        copy.deepcopy(read_optimizer_state(optimizer, network)),
    )
    chosen = selection(network, convs, kept)
    shapes = {name: parameter.shape for name, parameter in network.named_parameters()}
    sub = shrink(network, convs, kept)
    small, large = optimizer_of(sub), optimizer_of(masked)
    load_optimizer_state(small, sub, take_optimizer_state(full_optimizer_state, chosen, shapes))
    load_optimizer_state(large, masked, full_optimizer_state)
    handles = mask_filters(masked, convs, kept)
    losses = [(step(sub, small, batch), step(masked, large, batch)) for batch in batches[2:]]
    for handle in handles:
        handle.remove()
    scatter(network, sub, convs, kept)
    optimizer_state = put_optimizer_state(
        full_optimizer_state,
        read_optimizer_state(small, sub),
        chosen,
        shapes,
        learned=not_silenced(network, convs, kept),
    )

    for ours, theirs in losses:
        assert ours == pytest.approx(theirs, abs=1e-12)
    stays = both(chosen, silenced_filters(network, convs, kept))
    assert_equal_where_kept(network.state_dict(), masked.state_dict(), stays)
    for name, state in read_optimizer_state(large, masked).items():
        assert_equal_where_kept(
            optimizer_state[name], state, dict.fromkeys(state, stays.get(name, (None, None)))
        )


# A bias in front of batch norm has a gradient of mere rounding, which Adam blows up: hence not 1e-12.
def assert_equal_where_kept(ours, theirs, chosen):
    for name, value in theirs.items():
        index = chosen.get(name, (None, None)) if value.dim() > 0 else (None, None)
        assert torch.allclose(take(ours[name], index), take(value, index), rtol=0, atol=1e-9), name


def silenced_filters(network, convs, kept):
    modules = {
        name: kept[conv.conv] for conv in convs if not conv.removable for name in (conv.conv, conv.norm)
    }
    tensors = [name for name in network.state_dict() if name.rsplit(".", 1)[0] in modules]
    return {name: (modules[name.rsplit(".", 1)[0]], None) for name in tensors}


def both(chosen, silenced):
    """Rows of silenced filters and columns of removed inputs of the same tensor."""
    columns = {name: chosen.get(name, (None, None))[1] for name in silenced}
    return chosen | {name: (rows, columns[name]) for name, (rows, _) in silenced.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_smaller_network_does_not_hold_stays_as_it_was(family):
    network, convs, kept, batches = setting(family)
    before = copy.deepcopy(network.state_dict())
    chosen = selection(network, convs, kept)
    sub = shrink(network, convs, kept)
    optimizer = torch.optim.SGD(sub.parameters(), lr=0.1)
    step(sub, optimizer, batches[0])
    scatter(network, sub, convs, kept)
    for name, index in chosen.items():
        put(network.state_dict()[name], index, take(before[name], index))
        assert torch.equal(network.state_dict()[name], before[name]), name


def test_scattering_back_untrained_gives_the_same_network():
    network, convs, kept, _ = setting("plain with batch norm")
    before = copy.deepcopy(network.state_dict())
    scatter(network, shrink(network, convs, kept), convs, kept)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_smaller_network_has_fewer_parameters_in_every_layer_around_a_pruned_filter():
    network, convs, _, _ = setting("plain")
    keep_all = {conv.conv: torch.arange(6) for conv in convs}
    sub = shrink(network, convs, keep_all | {"conv2.conv": torch.tensor([1, 4])})
    shapes = [tuple(parameter.shape) for parameter in sub.parameters() if parameter.dim() > 1]
    assert shapes == [(6, 1, 3, 3), (2, 6, 3, 3), (6, 2, 3, 3), (3, 6 * 36)]
    assert (sub.conv2.conv.out_channels, sub.conv3.conv.in_channels) == (2, 2)


def test_slots_that_the_full_network_never_had_start_from_zero():
    network, convs, kept, batches = setting("plain")
    chosen = selection(network, convs, kept)
    shapes = {name: parameter.shape for name, parameter in network.named_parameters()}
    sub = shrink(network, convs, kept)
    optimizer = torch.optim.SGD(sub.parameters(), lr=0.1, momentum=0.9)
    step(sub, optimizer, batches[0])
    buffer = put_optimizer_state({}, read_optimizer_state(optimizer, sub), chosen, shapes, learned={})[
        "conv2.conv.weight"
    ]["momentum_buffer"]
    put(buffer, chosen["conv2.conv.weight"], torch.zeros_like(sub.conv2.conv.weight))
    assert torch.equal(buffer, torch.zeros_like(network.conv2.conv.weight))


def test_a_grouped_reader_is_refused():
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3, groups=2))
    convs = (PrunableConv(conv="0", norm=None, consumers=(Consumer(name="1"),)),)
    with pytest.raises(ValueError, match="consumer must be an ungrouped convolution"):
        selection(network, convs, {"0": torch.tensor([0])})
