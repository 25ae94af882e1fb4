"""Overrides of a frozen config by name, typed by its fields."""

import dataclasses
import math
import os
import typing
from collections.abc import Sequence
from typing import Any

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.nearest import nearest as nearest
from thesis_workloads.contract.settings import TOO_LARGE_SEED as TOO_LARGE_SEED
from thesis_workloads.contract.settings import explain_wrong, settings_of

_TOO_LARGE = 2**63  # of a whole number
_SHOWN = 60  # characters of a wrong value
_WANTED = {bool: "true or false", int: "a whole number", float: "a finite number"}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


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


def parse_value(key: str, text: str, config_type: type, *, option: str) -> Any:
    """Returns the text as a value of a config's field: bool, int, float or str.

    Raises:
        UserError: naming option, key and text, and what would do: a value of its type, its choices or bounds.
    """
    kind, text = field_type(config_type, key), text.strip()
    try:
        value = _BOOLEANS[text.lower()] if kind is bool else kind(text)
        is_right = math.isfinite(value) if isinstance(value, float) else True
        is_right = is_right and (not isinstance(value, int) or abs(value) < _TOO_LARGE)
        is_right = is_right and (not isinstance(value, str) or value.isprintable())
    except (ValueError, KeyError):
        is_right = False
    if not is_right:
        raise UserError(f"{option} {key} must be {_WANTED.get(kind, 'text')}, got {_shown(text)}")
    wrong = explain_wrong(key, value, settings_of(config_type)[key])
    if wrong:
        raise UserError(f"{option} {wrong}")
    return os.path.expanduser(value) if isinstance(value, str) and value.startswith("~/") else value


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
        overrides[key.strip()] = parse_value(key.strip(), value, config_type, option="--set")
    return overrides


def as_overrides(config: Any, *, relative_to: Any) -> str:
    """Returns ``--set key=value ...`` for each field that differs between two configs of one type."""
    differing = [
        f"--set {field.name}={getattr(config, field.name)}"
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != getattr(relative_to, field.name)
    ]
    return " ".join(differing)
