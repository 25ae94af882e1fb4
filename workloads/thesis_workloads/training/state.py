"""The complete state of a training run between two epochs: copies on the CPU and plain values, nothing that runs.

The order of the examples and the random numbers of an epoch follow from seed and epoch, so no generator is kept.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import State
from thesis_workloads.training.optimizers import OptimizerState, load_optimizer_state, read_optimizer_state

Identity = Mapping[str, str | int]
"""What a run must have in common with a state to resume from it: settings that shape the network, data's digest."""


def save_training_state(
    network: nn.Module,
    optimizer: torch.optim.Optimizer | None,
    *,
    version: int,
    epoch: int,
    identity: Identity,
    **others: Any,
) -> State:
    """Returns the state after ``epoch`` finished epochs, loadable with ``weights_only=True``.

    Args:
        network: without the wrapper that exchanges gradients.
        optimizer: None for one that keeps nothing between steps.
        version: of the layout of this system's states.
        epoch: finished epochs.
        identity: what `load_training_state` compares.
        others: tensors and plain values that the system needs besides.
    """
    state: State = {"version": version, "epoch": epoch, "identity": dict(identity), **others}
    state["network"] = copied(network.state_dict())
    if optimizer is not None:
        state["slots"] = copied_optimizer_state(read_optimizer_state(optimizer, network))
    return state


def load_training_state(
    network: nn.Module,
    optimizer: torch.optim.Optimizer | None,
    state: State | None,
    *,
    version: int,
    identity: Identity,
) -> int:
    """Returns the number of finished epochs, 0 without a state, after loading network and optimizer from it.

    Raises:
        ValueError: if the state is of another version, network or data.
    """
    if state is None:
        return 0
    check_state(state, version=version, identity=identity)
    network.load_state_dict(state["network"])
    if optimizer is not None:
        load_optimizer_state(optimizer, network, state["slots"])
    return int(state["epoch"])


def check_state(state: State, *, version: int, identity: Identity | None = None) -> None:
    """Refuses a state of another version or, where an identity is given, of another run.

    Raises:
        ValueError: with the reason in one line.
    """
    if state.get("version") != version:
        raise ValueError(f"state must have version {version}, got version={state.get('version')}")
    if identity is not None and state["identity"] != dict(identity):
        raise ValueError(f"state must be of {dict(identity)}, got {state['identity']}")


def copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns copies of the tensors on the CPU, without gradients."""
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


def copied_optimizer_state(optimizer_state: OptimizerState) -> OptimizerState:
    """Returns copies of an optimizer's tensors on the CPU."""
    return {name: copied(slots) for name, slots in optimizer_state.items()}
