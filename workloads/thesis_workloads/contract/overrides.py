"""Overrides of a frozen config by name, typed by its fields."""

import dataclasses
import difflib
import os
import typing
from collections.abc import Sequence
from typing import Any

from thesis_workloads.contract.errors import UserError

TOO_LARGE_SEED = 2**32  # NumPy's generators, and so Optuna's, take 32 bits
_TOO_LARGE = 2**63  # of a number; also leaves out infinity and what is no number
_SHOWN = 60  # characters of a wrong value
_WANTED = {bool: "true or false", int: "a whole number", float: "a finite number"}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def nearest(word: str, words: Sequence[str]) -> str:
    """Returns ``", did you mean 'x'?"`` for the nearest of the words, or an empty string."""
    alike = {_plain(each): each for each in reversed(words)}
    matches = difflib.get_close_matches(_plain(word), list(alike), n=1, cutoff=0.5)
    return f", did you mean {alike[matches[0]]!r}?" if matches else ""


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")


def field_type(config_type: type, key: str) -> type:
    """Returns the type of a config's field.

    Raises:
        UserError: naming the nearest field if there is none of that name.
    """
    types = typing.get_type_hints(config_type)
    if key not in types:
        raise UserError(
            f"{config_type.__name__} has no setting {key!r}{nearest(key, list(types))}"
            f" (its settings: {', '.join(types)})"
        )
    kind: type = types[key]
    return kind


def parse_value(key: str, text: str, kind: type) -> Any:
    """Returns the text as a value of the type: bool, int, float or str.

    Raises:
        UserError: naming the key, the text and the type if it does not fit.
    """
    text = text.strip()
    try:
        value = _BOOLEANS[text.lower()] if kind is bool else kind(text)
        is_right = not isinstance(value, int | float) or abs(value) < _TOO_LARGE
        is_right = is_right and (not isinstance(value, str) or _is_printable(value))
    except (ValueError, KeyError):
        is_right = False
    if not is_right:
        raise UserError(f"{key} must be {_WANTED.get(kind, 'text')}, got {_shown(text)}")
    if key == "seed" and not 0 <= value < TOO_LARGE_SEED:
        raise UserError(f"seed must be within 0..{TOO_LARGE_SEED - 1}, got {value}")
    return os.path.expanduser(value) if isinstance(value, str) and value.startswith("~/") else value


def _is_printable(text: str) -> bool:
    return text.isprintable()


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}..."


def parse_overrides(texts: Sequence[str], config_type: type) -> dict[str, Any]:
    """Reads ``key=value`` texts into typed values.

    Raises:
        UserError: if a text has no ``=``, a key is unknown or a value does not fit.
    """
    overrides: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set must be key=value, got {text!r}; write for example --set epochs=50")
        overrides[key.strip()] = parse_value(key.strip(), value, field_type(config_type, key.strip()))
    return overrides


def as_overrides(config: Any, *, relative_to: Any) -> str:
    """Returns ``--set key=value ...`` for each field that differs between two configs of one type."""
    differing = [
        f"--set {field.name}={getattr(config, field.name)}"
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != getattr(relative_to, field.name)
    ]
    return " ".join(differing)
