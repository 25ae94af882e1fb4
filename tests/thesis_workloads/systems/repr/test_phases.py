import copy
from functools import partial

import pytest
import torch
import torch.nn.functional as F

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.phases import (
    Run,
    full_network,
    load_training_state,
    prune,
    reactivate_filters,
    save_training_state,
)
from thesis_workloads.systems.repr.pruning.subnetwork import selection, take
from thesis_workloads.systems.repr.pruning.wiring import filters
from thesis_workloads.training.optimizers import build_optimizer, read_optimizer_state

KEPT = {
    "conv1.conv": torch.tensor([0, 2, 3]),
    "conv2.conv": torch.tensor([1]),
    "conv3.conv": torch.tensor([0, 1, 2, 3]),
}
IDENTITY = {"model": "c3-4"}


def new_run(optimizer="momentum"):
    network = build_network(
        "c3-4",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=True,
        dropout=0.0,
        seed=0,
    )
    make = partial(build_optimizer, optimizer, learning_rate=0.1, momentum=0.9, weight_decay=0.0)
    return Run(full=network, convs=prunable_convs("c3-4", network), make_optimizer=make)


def train(run, count, seed=0):
    draws = torch.Generator().manual_seed(seed)
    run.active.train()
    for _ in range(count):
        run.optimizer.zero_grad()
        images = torch.randn(8, 1, 4, 4, generator=draws)
        F.cross_entropy(run.active(images), torch.arange(8) % 3).backward()
        run.optimizer.step()


def test_the_full_network_waits_unchanged_while_the_sub_network_trains():
    run = new_run()
    train(run, 2)
    before = copy.deepcopy(run.full.state_dict())
    prune(run, KEPT)
    train(run, 2)
    assert all(torch.equal(value, before[name]) for name, value in run.full.state_dict().items())


def test_restoring_keeps_what_the_sub_network_learned_and_its_slots():
    run = new_run()
    train(run, 2)
    prune(run, KEPT)
    train(run, 2)
    sub, optimizer_state = run.active, copy.deepcopy(read_optimizer_state(run.optimizer, run.active))
    chosen = selection(run.full, run.convs, KEPT)
    reactivate_filters(run, seed=0, variant="text")
    load_model = read_optimizer_state(run.optimizer, run.full)
    for name, value in sub.named_parameters():
        index = chosen.get(name, (None, None))
        assert torch.equal(take(dict(run.full.named_parameters())[name], index), value), name
        buffers = load_model[name]["momentum_buffer"], optimizer_state[name]["momentum_buffer"]
        assert torch.equal(take(buffers[0], index), buffers[1]), name


def test_the_weights_that_read_dropped_filters_wait_and_their_slots_start_again():
    run = new_run()
    train(run, 2)
    name, slot = "conv3.conv.weight", "momentum_buffer"
    weight = run.full.conv3.conv.weight.clone()
    prune(run, KEPT)
    train(run, 2)
    reactivate_filters(run, seed=0, variant="text")
    dropped = [0, 2, 3]
    assert torch.equal(run.full.conv3.conv.weight[:, dropped], weight[:, dropped])
    assert read_optimizer_state(run.optimizer, run.full)[name][slot][:, dropped].abs().max() == 0


def test_silenced_filters_wait_with_their_weights_norms_and_slots():
    run = residual_run()
    convs = {conv.conv: torch.arange(filters(run.full, conv).shape[0]) for conv in run.convs}
    train(run, 2)
    norm = run.full.get_submodule("stem.norm")
    optimizer_state = read_optimizer_state(run.optimizer, run.full)
    before = [
        norm.weight[[1, 4]].clone(),
        optimizer_state["stem.norm.weight"]["momentum_buffer"][[1, 4]].clone(),
    ]
    prune(run, convs | {"stem.conv": torch.tensor([n for n in range(16) if n not in (1, 4)])})
    train(run, 3)
    assert run.sub.get_submodule("stem.norm")(torch.randn(2, 16, 4, 4))[:, [1, 4]].abs().max() == 0
    reactivate_filters(run, seed=0, variant="released")
    optimizer_state = read_optimizer_state(run.optimizer, run.full)
    assert torch.equal(norm.weight[[1, 4]], before[0])
    assert torch.equal(optimizer_state["stem.norm.weight"]["momentum_buffer"][[1, 4]], before[1])


def residual_run():
    network = build_network(
        "resnet-8",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=True,
        dropout=0.0,
        seed=0,
    )
    make = partial(build_optimizer, "momentum", learning_rate=0.1, momentum=0.9, weight_decay=0.01)
    return Run(full=network, convs=prunable_convs("resnet-8", network), make_optimizer=make)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("is_sub", [False, True])
def test_a_snapshot_revives_a_run_that_goes_on_the_same(optimizer, is_sub):
    run, twin = new_run(optimizer), new_run(optimizer)
    train(run, 2)
    if is_sub:
        prune(run, KEPT)
        train(run, 2)
    assert (
        load_training_state(twin, save_training_state(run, epoch=7, identity=IDENTITY), identity=IDENTITY)
        == 7
    )
    for each in (run, twin):
        train(each, 2, seed=1)
        if is_sub:
            reactivate_filters(each, seed=0, variant="text")
        train(each, 2, seed=2)
    theirs = twin.full.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in run.full.state_dict().items())


def test_a_snapshot_does_not_change_with_the_run():
    run = new_run()
    train(run, 1)
    state = save_training_state(run, epoch=1, identity=IDENTITY)
    before = copy.deepcopy(state)
    train(run, 1)
    assert torch.equal(state["full"]["head.weight"], before["full"]["head.weight"])
    slot = "momentum_buffer"
    assert torch.equal(state["full_slots"]["head.weight"][slot], before["full_slots"]["head.weight"][slot])


def test_a_run_that_ends_in_a_sub_phase_returns_a_full_network_that_computes_the_same():
    run = new_run()
    train(run, 2)
    prune(run, KEPT)
    train(run, 3)
    images = torch.randn(5, 1, 4, 4)
    expected = run.active.eval()(images)
    network = full_network(run).eval()
    assert network.conv2.conv.out_channels == 4
    assert torch.allclose(network(images), expected, atol=1e-5)


def test_a_snapshot_of_another_network_is_refused():
    state = save_training_state(new_run(), epoch=1, identity=IDENTITY)
    with pytest.raises(ValueError, match=r"state must be of \{'model': 'c3-32'\}, got \{'model': 'c3-4'\}"):
        load_training_state(new_run(), state, identity={"model": "c3-32"})


def test_a_snapshot_of_another_version_is_refused():
    with pytest.raises(ValueError, match="state must have version 3, got version=None"):
        load_training_state(new_run(), {}, identity=IDENTITY)
