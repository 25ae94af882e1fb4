import io

import pytest
import torch

from thesis_workloads.training.state import load_training_state, save_training_state

IDENTITY = {"model": "line", "data": "abc"}


def trained():
    torch.manual_seed(0)
    network = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return network, optimizer


def saved(network, optimizer, **others):
    file = io.BytesIO()
    torch.save(save_training_state(network, optimizer, version=2, epoch=5, identity=IDENTITY, **others), file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def test_a_loaded_run_takes_the_same_next_step():
    network, optimizer = trained()
    twin = torch.nn.Linear(3, 2)
    twin_optimizer = torch.optim.Adam(twin.parameters())
    state = saved(network, optimizer, words=["a"])
    assert load_training_state(twin, twin_optimizer, state, version=2, identity=IDENTITY) == 5
    assert state["words"] == ["a"]
    for each, steps in ((network, optimizer), (twin, twin_optimizer)):
        steps.zero_grad()
        each(torch.full((1, 3), 2.0)).sum().backward()
        steps.step()
    assert torch.equal(network.weight, twin.weight)


def test_a_state_is_a_copy_that_training_does_not_change():
    network, optimizer = trained()
    state = save_training_state(network, optimizer, version=2, epoch=5, identity=IDENTITY)
    before = state["network"]["weight"].clone()
    optimizer.step()
    assert torch.equal(state["network"]["weight"], before)
    assert not torch.equal(network.weight, before)


def test_without_a_state_a_run_starts_at_the_first_epoch():
    assert load_training_state(*trained(), None, version=2, identity=IDENTITY) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"version": 3, "identity": IDENTITY}, "state must have version 3, got version=2"),
        ({"version": 2, "identity": {**IDENTITY, "data": "x"}}, "state must be of"),
    ],
)
def test_a_state_of_another_layout_or_run_is_refused_in_one_line(options, message):
    network, optimizer = trained()
    with pytest.raises(ValueError, match=message) as caught:
        load_training_state(network, optimizer, saved(network, optimizer), **options)
    assert "\n" not in str(caught.value)
