"""A run that resumes at any epoch gives the numbers of a run that was never interrupted."""

import dataclasses

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.condensed_memory.train import train


class SavingReporter(MemoryReporter):
    """Keeps the state after every epoch, through a file that holds tensors and plain values only."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.states = []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        torch.save(self.state, self.folder / "state.pt")
        self.states.append(torch.load(self.folder / "state.pt", weights_only=True))


def numbers(rows):
    return [{key: value for key, value in row.items() if not key.startswith("time/")} for row in rows]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "condensed"},
        {"model": "condensed", "response": "condensed", "condensing_init": "uniform"},
        {"model": "condensed", "condensation": "printed"},
        {"model": "averaged", "addressing": "softmax", "hash_keys": 3},
        {"model": "memnn", "weight_decay": 0.01},
    ],
)
def test_a_run_resumed_at_any_epoch_gives_the_same_numbers_bit_for_bit(tmp_path, config, data, changes):
    config = dataclasses.replace(config, **changes)
    whole = SavingReporter(tmp_path)
    expected = train(config, data, whole).state_dict()
    for epoch, state in enumerate(whole.states, start=1):
        rest = MemoryReporter(start=state)
        weights = train(config, data, rest).state_dict()
        assert numbers(rest.rows) == numbers(whole.rows[epoch:])
        assert all(torch.equal(value, weights[name]) for name, value in expected.items())


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "averaged"},
        {"hops": 4},
        {"addressing": "softmax"},
        {"response": "condensed"},
        {"condensing_init": "uniform"},
    ],
)
def test_a_state_of_another_network_is_refused(tmp_path, config, data, changes):
    whole = SavingReporter(tmp_path)
    train(config, data, whole)
    with pytest.raises(ValueError, match="state must be of"):
        train(dataclasses.replace(config, **changes), data, MemoryReporter(start=whole.states[0]))


def test_a_state_of_other_notes_is_refused(tmp_path, config, data):
    whole = SavingReporter(tmp_path)
    train(config, data, whole)
    with pytest.raises(ValueError, match="state must be of"):
        train(config, dataclasses.replace(data, digest="1"), MemoryReporter(start=whole.states[0]))


def test_a_state_holds_no_word_of_the_vocabulary(tmp_path, config, data):
    whole = SavingReporter(tmp_path)
    train(config, data, whole)
    content = (tmp_path / "state.pt").read_bytes()
    assert not any(word.encode() in content for word in ("w11", "w23", "w31"))
