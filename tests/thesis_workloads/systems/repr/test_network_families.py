"""A whole RePr round with a physically smaller network against a masked one, for every network family."""

import copy
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models.googlenet import BasicConv2d, GoogLeNet, Inception, InceptionAux
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.vgg import make_layers

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.networks.imagenet import (
    PlainConv2d,
    adapted,
    googlenet_wiring,
    large_residual_wiring,
    vgg_wiring,
)
from thesis_workloads.systems.repr.phases import Run, prune, reactivate_filters
from thesis_workloads.systems.repr.pruning.masking import mask_filters
from thesis_workloads.systems.repr.pruning.reinitialise import reinitialise
from thesis_workloads.systems.repr.pruning.subnetwork import put, selection, shrink, take
from thesis_workloads.systems.repr.pruning.wiring import filters
from thesis_workloads.training.optimizers import build_optimizer, load_optimizer_state, read_optimizer_state


def named(name, *, batch_norm=False):
    network = build_network(
        name,
        in_channels=1,
        image_size=(16, 16),
        num_classes=3,
        batch_norm=batch_norm,
        dropout=0.0,
        seed=0,
    )
    return network, prunable_convs(name, network)


def small_resnet(block):
    """The first two of torchvision's four stages, a block each."""
    network = ResNet(block, [1, 1, 1, 1], num_classes=3, width_per_group=64 if block is BasicBlock else 8)
    network.layer3 = network.layer4 = nn.Identity()
    network.fc = nn.Linear(128 * block.expansion, 3)
    return adapted(network, "conv1", in_channels=1), large_residual_wiring(network)


class SmallVgg(nn.Module):
    """Made as torchvision's VGG, with few filters and a small classifier."""

    def __init__(self, *, batch_norm):
        super().__init__()
        self.features = make_layers([4, "M", 6, 5, "M"], batch_norm=batch_norm)
        self.classifier = nn.Sequential(nn.Linear(5 * 49, 6), nn.ReLU(), nn.Linear(6, 3))

    def forward(self, images):
        return self.classifier(F.adaptive_avg_pool2d(self.features(images), 7).flatten(1))


def small_vgg(batch_norm):
    network = adapted(SmallVgg(batch_norm=batch_norm), "features.0", in_channels=1)
    return network, vgg_wiring(network)


def thin_googlenet(full_conv):
    """All of GoogLeNet's layers with an eighth of the filters."""

    def conv(in_channels, out_channels, **options):
        return full_conv(in_channels if in_channels == 3 else in_channels // 8, out_channels // 8, **options)

    network = GoogLeNet(
        num_classes=3,
        aux_logits=False,
        init_weights=False,
        blocks=[conv, partial(Inception, conv_block=conv), InceptionAux],
        dropout=0.0,
    )
    network.fc = nn.Linear(128, 3)
    network = adapted(network, "conv1.conv", in_channels=1)
    return network, googlenet_wiring(network)


FAMILIES = {
    "plain": partial(named, "c3-6"),
    "plain with batch norm": partial(named, "c3-6", batch_norm=True),
    "residual": partial(named, "resnet-14"),
    "dense": partial(named, "densenet-10"),
    "dense with five layers": partial(named, "densenet-5"),
    "large residual": partial(small_resnet, BasicBlock),
    "large residual with bottlenecks": partial(small_resnet, Bottleneck),
    "vgg": partial(small_vgg, False),
    "vgg with batch norm": partial(small_vgg, True),
    "inception": partial(thin_googlenet, PlainConv2d),
    "inception with batch norm": partial(thin_googlenet, BasicConv2d),
}
WITH_SUMS = {"residual", "large residual", "large residual with bottlenecks"}


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
    batches = [(torch.randn(8, 1, 16, 16).double(), torch.randint(0, 3, (8,))) for _ in range(6)]
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
    for model in (network.train(), sub.train()):
        model(batches[0][0])
    ours, theirs = sub.eval()(batches[1][0]), network.eval()(batches[1][0])
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_filter_is_removed_but_where_outputs_are_summed(family):
    network, convs, kept, _ = setting(family)
    sub = shrink(network, convs, kept)
    widths = {conv.conv: len(filters(sub, conv)) for conv in convs}
    assert all(
        widths[conv.conv] == (len(kept[conv.conv]) if conv.removable else len(filters(network, conv)))
        for conv in convs
    )
    assert any(not conv.removable for conv in convs) == (family in WITH_SUMS)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_wiring_names_every_convolution_once_in_the_order_of_the_forward_pass(family):
    network, convs, _, batches = setting(family)
    called = []
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda *_args, name=name: called.append(name))
    network(batches[0][0])
    names = [conv.conv for conv in convs]
    assert sorted(names) == sorted(called)
    assert names[0] == called[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_prune_train_restore_reinitialise_and_train_again_is_the_same_as_with_masks(family):
    network, convs, kept, batches = setting(family)
    make = partial(build_optimizer, "momentum", learning_rate=0.05, momentum=0.9, weight_decay=0.01)
    masked, chosen = copy.deepcopy(network), selection(network, convs, kept)
    run, optimizer = Run(full=network, convs=convs, make_optimizer=make), make(masked)
    losses = [(step(run.active, run.optimizer, each), step(masked, optimizer, each)) for each in batches[:2]]

    prune(run, kept)
    handles = mask_filters(masked, convs, kept)
    stays = both(chosen, silenced_filters(masked, convs, kept))
    if family in WITH_SUMS:
        stays = only_heard(stays, channels_that_are_zero(masked, batches[2][0]))
    frozen = copy.deepcopy(masked.state_dict())
    frozen_slots = copy.deepcopy(momenta(optimizer, masked))
    for batch in batches[2:4]:
        losses.append((step(run.active, run.optimizer, batch), step(masked, optimizer, batch)))
        freeze_what_is_dropped(masked.state_dict(), frozen, stays)
        freeze_what_is_dropped(momenta(optimizer, masked), frozen_slots, stays)

    reactivate_filters(run, seed=0, variant="text")
    for handle in handles:
        handle.remove()
    optimizer_state = read_optimizer_state(optimizer, masked)
    reinitialise(masked, optimizer_state, convs, kept, seed=0, round_number=run.round, variant="text")
    load_optimizer_state(optimizer, masked, optimizer_state)
    losses += [(step(run.active, run.optimizer, each), step(masked, optimizer, each)) for each in batches[4:]]

    assert [ours for ours, _ in losses] == pytest.approx([theirs for _, theirs in losses], abs=1e-10)
    torch.testing.assert_close(run.full.state_dict(), masked.state_dict(), rtol=0, atol=1e-10)


def freeze_what_is_dropped(tensors, frozen, chosen):
    for name, tensor in tensors.items():
        if name in chosen and tensor.dim() > 0:
            learned = take(tensor, chosen[name])
            tensor.copy_(frozen[name])
            put(tensor, chosen[name], learned)


def channels_that_are_zero(network, images):
    """Input channels of every convolution and linear layer to which nothing contributes."""
    seen = {}

    def note(name, inputs):
        seen[name] = inputs[0].detach().abs().transpose(0, 1).flatten(1).amax(1) == 0

    modules = dict(network.named_modules())
    handles = [
        module.register_forward_pre_hook(lambda _module, inputs, name=name: note(name, inputs))
        for name, module in modules.items()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    before = copy.deepcopy(network.state_dict())
    for module in modules.values():
        if isinstance(module, nn.BatchNorm2d):  # then nothing that is not masked is zero behind a ReLU
            nn.init.zeros_(module.weight)
            nn.init.ones_(module.bias)
    network(images)
    network.load_state_dict(before)
    for handle in handles:
        handle.remove()
    return seen


def only_heard(chosen, silent):
    """Of weights that read sums: without the columns of channels that nobody contributes to."""
    summed = {name: flags for name, flags in silent.items() if bool(flags.any())}
    for name, flags in summed.items():
        rows, columns = chosen.get(f"{name}.weight", (None, None))
        if columns is None:
            chosen = chosen | {f"{name}.weight": (rows, (~flags).nonzero().flatten())}
    return chosen


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


def momenta(optimizer, network):
    return {
        name: state["momentum_buffer"] for name, state in read_optimizer_state(optimizer, network).items()
    }
