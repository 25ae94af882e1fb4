"""The complete state of a run between two epochs, and a trained network from nothing but such a state."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import State
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig
from thesis_workloads.systems.ms_roi.data import RegionData
from thesis_workloads.systems.ms_roi.model import RegionNetwork
from thesis_workloads.training.optimizers import load_slots, read_slots
from thesis_workloads.training.saved_file import read_saved

STATE_VERSION = 1
_SIZES = ("stages", "width", "maps_per_class")


def snapshot(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    epoch: int,
    config: RegionNetworkConfig,
    data: RegionData,
) -> State:
    """Returns the state after ``epoch`` finished epochs, as copies on the CPU and plain values.

    The order of the images follows from seed and epoch, so no generator is kept.
    """
    return {
        "version": STATE_VERSION,
        "epoch": epoch,
        "identity": _identity(config, data),
        "class_names": list(data.class_names),
        "network": _copied(network.state_dict()),
        "slots": {name: _copied(state) for name, state in read_slots(optimizer, network).items()},
    }


def restore(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    state: State,
    *,
    config: RegionNetworkConfig,
    data: RegionData,
) -> int:
    """Puts network and optimizer where the snapshot was taken; returns the number of finished epochs.

    Raises:
        ValueError: if the snapshot is of another version, network or set of images.
    """
    _check_version(state)
    if state["identity"] != _identity(config, data):
        raise ValueError(f"state must be of {_identity(config, data)}, got {state['identity']}")
    network.load_state_dict(state["network"])
    load_slots(optimizer, network, state["slots"])
    return int(state["epoch"])


def network_of(state: State, *, input_size: int | None = None) -> RegionNetwork:
    """Returns the trained network of a state, in evaluation mode and without gradients.

    Args:
        state: that `snapshot` made.
        input_size: pixels that the shorter side of an image is scaled to; None takes four times the side that
            the network was trained on: it sees photographs, whose objects are large, in as much detail.

    Raises:
        ValueError: if the state is of another version.
    """
    _check_version(state)
    identity = state["identity"]
    network = RegionNetwork(
        num_classes=len(state["class_names"]),
        **{name: int(identity[name]) for name in _SIZES},
        input_size=input_size or 4 * int(identity["image_size"]),
    )
    network.load_state_dict(state["network"])
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


def read_network(path: Path, *, input_size: int | None = None) -> RegionNetwork:
    """Returns the trained network of a state file; nothing in the file is run.

    Raises:
        ValueError: if the file holds another thing.
    """
    state = read_saved(path)
    if not isinstance(state, dict) or "identity" not in state:
        raise ValueError(f"path must be a state of a trained ms-roi network, got {path}")
    return network_of(state, input_size=input_size)


def _identity(config: RegionNetworkConfig, data: RegionData) -> dict[str, str]:
    kept = {name: str(getattr(config, name)) for name in (*_SIZES, "image_size")}
    return {**kept, "data": data.digest}


def _check_version(state: State) -> None:
    if state.get("version") != STATE_VERSION:
        raise ValueError(f"state must have version {STATE_VERSION}, got version={state.get('version')}")


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}
