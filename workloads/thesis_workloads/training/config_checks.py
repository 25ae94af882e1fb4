"""Checks of a configuration's fields, each an error that names the field, the rule and the value found."""

import difflib
from collections.abc import Mapping, Sequence


def check(is_right: bool, field: str, rule: str, value: object) -> None:
    """Refuses a value.

    Raises:
        ValueError: unless ``is_right``.
    """
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")


def check_names(config: object, choices: Mapping[str, Sequence[str]]) -> None:
    """Checks fields that have a fixed choice of names.

    Raises:
        ValueError: naming the nearest name where there is one.
    """
    for field, names in choices.items():
        value = getattr(config, field)
        nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        hint = f" (did you mean {nearest[0]}?)" if nearest else ""
        check(value in names, field, f"be one of {', '.join(names)}", f"{value}{hint}")


def check_at_least_one(config: object, fields: Sequence[str]) -> None:
    """Checks counts.

    Raises:
        ValueError: if one is below 1.
    """
    for field in fields:
        check(getattr(config, field) >= 1, field, "be at least 1", getattr(config, field))


def check_not_negative(config: object, fields: Sequence[str]) -> None:
    """Checks what may be 0.

    Raises:
        ValueError: if one is below 0.
    """
    for field in fields:
        check(getattr(config, field) >= 0, field, "not be negative", getattr(config, field))


def check_positive(config: object, fields: Sequence[str]) -> None:
    """Checks what must be positive and finite.

    Raises:
        ValueError: if one is 0 or below, infinite or no number.
    """
    for field in fields:
        value = getattr(config, field)
        check(0 < value < float("inf"), field, "be positive", value)
