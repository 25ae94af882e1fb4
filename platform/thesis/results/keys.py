"""The keys that identify a row of a table."""

from collections.abc import Mapping
from typing import Any

Value = str | int | float | bool


Keys = Mapping[str, Value]  # what identifies a row


def matches(row_keys: Keys, wanted: Keys) -> bool:
    """True if a row has all the wanted keys with these values."""
    return all(key in row_keys and row_keys[key] == value for key, value in wanted.items())


def words(keys: Mapping[str, Any]) -> str:
    """Returns keys as people read them: ``dataset kodak, method ms-roi``."""
    return ", ".join(f"{key} {_plain(value)}" for key, value in keys.items())


def _plain(value: Any) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)
