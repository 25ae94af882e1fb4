"""The one place where a file that ``torch.save`` wrote is read, without running what it might hold.

People name pages of HTML, Git LFS pointers and whole training checkpoints as weights; each is reported in one line or
unwrapped.
"""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

_WRAPPERS = ("state_dict", "model_state_dict", "model", "network", "net")
_PREFIXES = ("module.", "_orig_mod.")  # of DistributedDataParallel and torch.compile
_BROKEN = (
    RuntimeError,
    pickle.UnpicklingError,
    ValueError,
    EOFError,
    OSError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    MemoryError,
    ImportError,
)
_STARTS = {
    b"<": "a page of HTML",
    b"version https://git-lfs": "a pointer of Git LFS",
    b"{": "JSON",
    b"\x89HDF": "a file of Keras",
}


def read_saved(path: Path) -> Any:
    """Returns the content of a file of ``torch.save``, on the CPU; tensors and plain values only.

    Raises:
        ValueError: in one line that names the file, if it is not here or is no such file.
    """
    if not path.is_file():
        raise ValueError(f"{path} must be a file of weights or of a trained state, there is none")
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd pickles, which are refused anyway
            return torch.load(path, map_location="cpu", weights_only=True)
    except _BROKEN as error:
        found = next((kind for mark, kind in _STARTS.items() if start.startswith(mark)), None)
        if found is None:
            holds_code = isinstance(error, pickle.UnpicklingError) and "Unsupported" in str(error)
            found = (
                "one that holds code or is damaged"
                if holds_code
                else "one that is damaged or of another kind"
            )
        raise ValueError(
            f"{path} must be a file that torch.save wrote, got {found}: fetch it again"
        ) from error


def read_state(path: Path) -> dict[str, Tensor]:
    """Returns the tensors of a weights file by name: of a network's state, or of a checkpoint that holds one.

    A checkpoint's entry ``state_dict`` (or the like) is unwrapped, and the prefix that DistributedDataParallel puts
    before every name is removed.

    Raises:
        ValueError: as `read_saved`, or if there are no tensors.
    """
    saved = read_saved(path)
    for _ in range(2):
        saved = _unwrapped(saved)
    if not isinstance(saved, Mapping) or not saved or not all(map(_is_entry, saved.items())):
        raise ValueError(
            f"{path} must hold a network's state, names and tensors, or a checkpoint with it under state_dict,"
            f" got {type(saved).__name__}"
        )
    state = dict(saved)
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def _unwrapped(saved: Any) -> Any:
    if not isinstance(saved, Mapping):
        return saved
    return next((saved[key] for key in _WRAPPERS if isinstance(saved.get(key), Mapping)), saved)


def load_state(network: nn.Module, state: Mapping[str, Tensor], *, name: str) -> None:
    """Puts weights into a network, in place.

    Raises:
        ValueError: in one line, if a name is missing or unknown, or a shape is another.
    """
    wanted = network.state_dict()
    missing = sorted(wanted.keys() - state.keys())
    unknown = sorted(state.keys() - wanted.keys())
    reshaped = [key for key, value in wanted.items() if key in state and state[key].shape != value.shape]
    # PyTorch fills these in for weights that were saved before batch normalisation counted its batches.
    missing = [key for key in missing if not key.endswith("num_batches_tracked")]
    if missing or unknown or reshaped:
        parts = [
            f"{len(keys)} {what} (such as {keys[0]})"
            for keys, what in ((missing, "missing"), (unknown, "unknown"), (reshaped, "of another shape"))
            if keys
        ]
        raise ValueError(f"weights must be those of {name}, got tensors of which {', '.join(parts)}")
    network.load_state_dict(dict(state), strict=False)


def _is_entry(item: tuple[object, object]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], Tensor)
