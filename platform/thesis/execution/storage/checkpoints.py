"""A workload's state as a file in a Ray checkpoint."""

import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.execution.storage.filesystems import StorageLocation, iter_files, join_location, resolve_location
from thesis_workloads.contract.reporter import State

if TYPE_CHECKING:
    from ray.tune import Checkpoint

    from thesis.execution.storage.run_folder import RunFolder

STATE_FILE = "state.pt"


def save_state(state: State, folder: str | Path) -> None:
    """Writes the state into a folder; a write that fails leaves no file.

    Raises:
        OSError: if the disk does not take it; PyTorch would only say that its writer failed.
    """
    import torch

    content = io.BytesIO()
    torch.save(state, content)
    path = Path(folder) / STATE_FILE
    try:
        path.write_bytes(content.getbuffer())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def load_state(checkpoint: "Checkpoint") -> State:
    """Returns the state of a checkpoint, on the CPU; no pickled object is ever run."""
    import torch

    with checkpoint.as_directory() as folder:
        state: State = torch.load(Path(folder) / STATE_FILE, map_location="cpu", weights_only=True)
    return state


def checkpoint_root(folder: "RunFolder") -> str:
    """Returns where a run's checkpoints lie: in its own folder, or where its plan says."""
    from thesis.execution.storage.run_folder import stored_extra

    elsewhere = stored_extra(folder).get("checkpoint_dir") if folder.plan.exists() else None
    return join_location(elsewhere, folder.name) if elsewhere else str(folder.ray.resolve())


def ray_storage(where: StorageLocation) -> dict[str, Any]:
    """Returns a folder or object store as Ray's run configuration takes it."""
    place = resolve_location(where)
    if place.is_local:
        return {"storage_path": place.path}
    return {"storage_path": place.path, "storage_filesystem": place.filesystem}


def newest_state(folder: "RunFolder", trial: str) -> State | None:
    """Returns the newest state that a trial of a run left, or None if it left none.

    Looked for as files, so that it works without the Ray session that wrote them: Tune keeps a trial's
    checkpoints in ``tune/<trial>``, Ray Train in ``train/<trial>`` or, for one training, ``train``.
    """
    root = checkpoint_root(folder)
    filesystem = resolve_location(root).filesystem
    for names in (("tune", trial), ("train", trial), ("train",)):
        found = [info for info in iter_files(join_location(root, *names)) if _is_state(info, names[-1])]
        for info in sorted(found, key=lambda info: (info.mtime_ns, info.path), reverse=True):
            with filesystem.open_input_file(info.path) as file:
                content = file.read()
            state = _whole_state(content)
            if state is not None:
                return state
    return None


def _whole_state(content: bytes) -> State | None:
    """Returns a stored state; None for a file that a full disk or a crash left torn."""
    import torch

    try:
        state: State = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, LookupError, pickle.UnpicklingError):
        return None
    return state


def _is_state(info: Any, parent: str) -> bool:
    *_, above, folder, name = str(info.path).split("/")
    return name == STATE_FILE and folder.startswith("checkpoint_") and above == parent
