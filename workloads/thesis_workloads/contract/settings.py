"""Settings that know what they are: description, choices and bounds of a config's fields, written once.

    @dataclass(frozen=True, kw_only=True)
    class Config:
        hidden: int = setting(64, "units of a layer", at_least=1)
        optimizer: str = setting("sgd", "rule of a step", choices=("sgd", "adam"))

``--set``, ``--space``, ``thesis list``, a system's ``validate`` and MLflow read them from here. A field without
`setting` takes any value of its type. Standard library only.
"""

import dataclasses
import math
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from thesis_workloads.contract.nearest import nearest_name

TOO_LARGE_SEED = 2**32  # NumPy's generators, and so Optuna's, take 32 bits
LARGEST_SEED = TOO_LARGE_SEED - 1
_METADATA = "setting"
_SHOWN = 60  # characters of a wrong value
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is known of one field: its description, and what it may be."""

    description: str = ""
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] = ()
    reason: str = ""  # why not more is allowed, where that surprises

    @property
    def rule(self) -> str:
        """What a value must be, after "must be"; empty where any value of the type will do."""
        if self.choices:
            rule = f"one of {', '.join(map(str, self.choices))}"
        elif self.at_least is not None and self.at_most is not None:
            rule = f"within {_number(self.at_least)}..{_number(self.at_most)}"
        else:
            bounds = (
                ("at least", self.at_least),
                ("above", self.above),
                ("at most", self.at_most),
                ("below", self.below),
            )
            rule = " and ".join(f"{words} {_number(bound)}" for words, bound in bounds if bound is not None)
        return f"{rule} ({self.reason})" if rule and self.reason else rule

    def allows(self, value: Any) -> bool:
        """Returns whether a value is one of the choices, or a finite number within the bounds."""
        if self.choices:
            return value in self.choices
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
            and (not self.rule or math.isfinite(value))
        )


_ANY = Setting()
_ANY_SEED = Setting(description="seed of what is drawn at random", at_least=0, at_most=LARGEST_SEED)


def setting(
    default: T,
    description: str,
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    choices: Sequence[T] = (),
    reason: str = "",
) -> T:
    """Declares a field of a config by its default, what it is, and what it may be.

    Args:
        default: of the field.
        description: what it is, with unit and source; choices and bounds are shown next to it.
        at_least: the smallest number allowed.
        above: a number that all allowed ones are above.
        at_most: the largest number allowed.
        below: a number that all allowed ones are below.
        choices: the values allowed, where they can be listed.
        reason: why not more is allowed, where that surprises; shown behind the choices or bounds.
    """
    known = Setting(
        description=description,
        at_least=at_least,
        above=above,
        at_most=at_most,
        below=below,
        choices=tuple(choices),
        reason=reason,
    )
    return dataclasses.field(default=default, metadata={_METADATA: known})


def settings_of(config_type: type) -> dict[str, Setting]:
    """Returns what is known of each field of a config, in their order; of a plain ``seed`` its bounds."""
    return {
        field.name: field.metadata.get(_METADATA, _ANY_SEED if field.name == "seed" else _ANY)
        for field in dataclasses.fields(config_type)
    }


def explain_wrong(name: str, value: Any, known: Setting) -> str:
    """Returns one line on why a value is not allowed, with the nearest choice; empty if it is allowed."""
    if known.allows(value):
        return ""
    rule = known.rule
    if not known.choices and value == math.inf:
        rule += " and finite"
    near = nearest_name(str(value), [str(choice) for choice in known.choices])
    found = str(value) if len(str(value)) <= _SHOWN else f"{str(value)[:_SHOWN]}..."
    return f"{name} must be {rule}, got {name}={found}" + (f" (did you mean {near}?)" if near else "")


def check_settings(config: Any) -> None:
    """Checks every field of a config that has choices or bounds.

    Raises:
        ValueError: naming the first that is wrong, what it must be, what it is, and the nearest choice.
    """
    for name, known in settings_of(type(config)).items():
        wrong = explain_wrong(name, getattr(config, name), known)
        if wrong:
            raise ValueError(wrong)


def check(is_right: bool, field: str, rule: str, value: object) -> None:
    """Checks what relates several settings.

    Raises:
        ValueError: unless ``is_right``, naming the field, the rule and the value.
    """
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")


def describe_settings(config_type: type) -> dict[str, dict[str, str]]:
    """Returns each field's ``type``, ``default``, ``description`` and ``allowed`` values, in words."""
    types = typing.get_type_hints(config_type)
    return {
        field.name: {
            "type": getattr(types[field.name], "__name__", str(types[field.name])),
            "default": "" if field.default is dataclasses.MISSING else str(field.default),
            "description": known.description,
            "allowed": known.rule,
        }
        for field, known in zip(
            dataclasses.fields(config_type), settings_of(config_type).values(), strict=True
        )
    }


def _number(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"
