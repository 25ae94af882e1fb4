"""A workload's state as a file in a Ray checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING

from thesis_workloads.reporting import State

if TYPE_CHECKING:
    from ray.tune import Checkpoint

STATE_FILE = "state.pt"


def save_state(state: State, folder: str | Path) -> None:
    """Writes the state into a folder."""
    import torch

    torch.save(state, Path(folder) / STATE_FILE)


def load_state(checkpoint: "Checkpoint") -> State:
    """Returns the state of a checkpoint, on the CPU; no pickled object is ever run."""
    import torch

    with checkpoint.as_directory() as folder:
        state: State = torch.load(Path(folder) / STATE_FILE, map_location="cpu", weights_only=True)
    return state
