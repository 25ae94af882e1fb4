"""A digest of the content of any data: arrays, tensors and what holds them."""

import dataclasses
import hashlib
import pickle
from collections.abc import Iterator, Mapping
from typing import Any


def content_digest(data: Any, length: int = 16) -> str:
    """Returns the first hexadecimal digits of a SHA-256 over everything that the data hold.

    The same content has the same digest in every process; a pickle of a tensor would not.

    Raises:
        ValueError: naming the type, if some part of it can't be read at all.
    """
    found = hashlib.sha256()
    for part in _parts(data):
        found.update(part)
    return found.hexdigest()[:length]


def _parts(value: Any) -> Iterator[bytes]:
    yield type(value).__qualname__.encode()
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().cpu().numpy()
    if hasattr(value, "tobytes") and hasattr(value, "dtype"):  # an array
        yield f"{value.dtype}{value.shape}".encode()
        yield pickle.dumps(value.tolist()) if value.dtype.hasobject else value.tobytes()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield field.name.encode()
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _parts(key)
            yield from _parts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)
    elif isinstance(value, set | frozenset):
        yield from sorted(b"".join(_parts(item)) for item in value)
    else:
        try:
            yield pickle.dumps(value, protocol=5)
        except Exception as error:
            raise ValueError(
                f"the data hold a {type(value).__name__}, which can't be digested ({error}); give the data an attribute"
                " digest (and name and version), or load plain values and arrays"
            ) from error
