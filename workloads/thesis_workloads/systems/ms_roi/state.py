"""The complete state of a run between two epochs, and a trained network from nothing but such a state."""

from pathlib import Path

import torch

from thesis_workloads.contract.reporter import State
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig
from thesis_workloads.systems.ms_roi.data import RegionData
from thesis_workloads.systems.ms_roi.model import RegionNetwork
from thesis_workloads.training.saved_file import read_saved
from thesis_workloads.training.state import check_state

STATE_VERSION = 1
_SIZES = ("stages", "width", "maps_per_class")


def load_model(state: State, *, input_size: int | None = None) -> RegionNetwork:
    """Returns the trained network of a state, in evaluation mode and without gradients.

    Args:
        state: that `save_training_state` made.
        input_size: pixels that the shorter side of an image is scaled to; None takes four times the side that
            the network was trained on: it sees photographs, whose objects are large, in as much detail.

    Raises:
        ValueError: if the state is of another version.
    """
    check_state(state, version=STATE_VERSION)
    identity = state["identity"]
    network = RegionNetwork(
        num_classes=len(state["class_names"]),
        **{name: int(identity[name]) for name in _SIZES},
        input_size=input_size or 4 * int(identity["image_size"]),
    )
    network.load_state_dict(state["network"])
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


def load_model_file(path: Path, *, input_size: int | None = None) -> RegionNetwork:
    """Returns the trained network of a state file; nothing in the file is run.

    Raises:
        ValueError: if the file holds another thing.
    """
    state = read_saved(path)
    if not isinstance(state, dict) or "identity" not in state:
        raise ValueError(f"path must be a state of a trained ms-roi network, got {path}")
    return load_model(state, input_size=input_size)


def identity_of(config: RegionNetworkConfig, data: RegionData) -> dict[str, str]:
    """Returns the settings and data digest that a run and a state must share to resume."""
    kept = {name: str(getattr(config, name)) for name in (*_SIZES, "image_size")}
    return {**kept, "data": data.digest}
