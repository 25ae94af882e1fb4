"""A workload's state as a file in a Ray checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING

from thesis_workloads.reporting import State

if TYPE_CHECKING:
    from ray.tune import Checkpoint

    from thesis.execution.run_folder import RunFolder

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


def newest_state(folder: "RunFolder", trial: str) -> State | None:
    """Returns the newest state that a trial of a run left, or None if it left none.

    Looked for as files, so that it works without the Ray session that wrote them: Tune keeps a trial's
    checkpoints in ``ray/tune/<trial>``, Ray Train in ``ray/train/<trial>`` or, for one training, ``ray/train``.
    """
    import torch

    for place in (folder.ray / "tune" / trial, folder.ray / "train" / trial, folder.ray / "train"):
        found = sorted(place.glob(f"checkpoint_*/{STATE_FILE}"), key=lambda path: path.stat().st_mtime)
        if found:
            state: State = torch.load(found[-1], map_location="cpu", weights_only=True)
            return state
    return None
