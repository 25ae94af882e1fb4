"""The complete state of a run between two epochs: numbers only, never a word of a note or a vocabulary."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import State
from thesis_workloads.training.optimizers import load_slots, read_slots

STATE_VERSION = 1


def snapshot(
    network: nn.Module, optimizer: torch.optim.Optimizer, *, epoch: int, identity: Mapping[str, str]
) -> State:
    """Returns the state after ``epoch`` finished epochs, as copies on the CPU and plain values.

    The order of the notes and the dropout of an epoch follow from seed and epoch, so no generator is kept.
    """
    return {
        "version": STATE_VERSION,
        "epoch": epoch,
        "identity": dict(identity),
        "network": _copied(network.state_dict()),
        "slots": {name: _copied(state) for name, state in read_slots(optimizer, network).items()},
    }


def restore(
    network: nn.Module, optimizer: torch.optim.Optimizer, state: State, *, identity: Mapping[str, str]
) -> int:
    """Puts network and optimizer where the snapshot was taken; returns the number of finished epochs.

    Raises:
        ValueError: if the snapshot is of another version, network or set of notes.
    """
    if state.get("version") != STATE_VERSION:
        raise ValueError(f"state must have version {STATE_VERSION}, got version={state.get('version')}")
    if state["identity"] != dict(identity):
        raise ValueError(f"state must be of {dict(identity)}, got {state['identity']}")
    network.load_state_dict(state["network"])
    load_slots(optimizer, network, state["slots"])
    return int(state["epoch"])


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}
