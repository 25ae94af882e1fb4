"""Checks of a configuration's fields, each an error that names the field, the rule and the value found."""

import difflib
from collections.abc import Mapping, Sequence

_SYNONYMS = {
    "gpu": "cuda",
    "bf16": "bfloat16",
    "fp32": "float32",
    "float": "float32",
    "fmnist": "fashionmnist",
    "mnist": "digits",
    "coco": "mscoco",
    "momentumsgd": "momentum",
    "baseline": "standard",
}
"""What people write for names of another spelling, both without hyphens."""


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
        near = nearest_name(value, names)
        hint = f" (did you mean {near}?)" if near else ""
        check(value in names, field, f"be one of {', '.join(names)}", f"{value}{hint}")


def nearest_name(word: str, names: Sequence[str]) -> str | None:
    """Returns the name that was probably meant: one spelt alike, one of the same meaning, or the most similar."""
    plain = {_plain(name): name for name in reversed(names)}
    spelt = plain.get(_plain(word)) or plain.get(_SYNONYMS.get(_plain(word), ""))
    if spelt is not None:
        return spelt
    near = difflib.get_close_matches(_plain(word), list(plain), n=1, cutoff=0.5)
    return plain[near[0]] if near else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


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
