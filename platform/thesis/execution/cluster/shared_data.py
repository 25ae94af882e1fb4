"""A run's data in Ray's object store: read once by the process that drives the run, mapped by its trials.

Ray copies an object to a machine once, however many trials there use it, and gives arrays out as views of that
copy. Tensors travel as arrays next to the pickled rest, so that they are views too. Trials must not change their
data in place, which they don't: a process serves many trials.
"""

import io
import pickle
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class SharedData:
    """Data of some settings, as a pickle and its arrays."""

    key: tuple[Any, ...]  # the settings that the data depend on
    rest: bytes  # pickled by this run's own driver
    arrays: list[np.ndarray]


def to_object_store(key: tuple[Any, ...], data: Any) -> SharedData:
    """Returns the data in a form that Ray copies only once to each machine."""
    buffers: list[pickle.PickleBuffer] = []
    stream = io.BytesIO()
    _TensorPickler(stream, protocol=5, buffer_callback=buffers.append).dump(data)
    arrays = [np.frombuffer(buffer.raw(), dtype=np.uint8) for buffer in buffers]
    return SharedData(key, stream.getvalue(), arrays)


def from_object_store(shared: SharedData) -> Any:
    """Returns the data again; its tensors share memory with the arrays."""
    with warnings.catch_warnings():
        # Views of the store are read-only, which a tensor can't say of itself.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return pickle.loads(shared.rest, buffers=shared.arrays)


class _TensorPickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if type(value) is torch.Tensor and value.layout == torch.strided and not value.requires_grad:
            return torch.from_numpy, (value.detach().cpu().contiguous().numpy(),)
        return NotImplemented
