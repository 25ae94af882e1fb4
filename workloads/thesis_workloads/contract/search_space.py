"""Search spaces: what a hyperparameter may be, read from the command line and sampled by seed."""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import field_type, parse_value


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the listed values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Range:
    """Any value from ``low`` to ``high``, both included; drawn on a log scale where ``log``."""

    low: float
    high: float
    log: bool = False
    integer: bool = False


Dimension = Choice | Range
Space = Mapping[str, Dimension]


def parse_space(texts: Sequence[str], config_type: type) -> dict[str, Dimension]:
    """Reads ``key=1,2,3`` and ``key=low:high[:log]``, each value typed by the config's field.

    Raises:
        UserError: if a key is unknown, a value does not fit its field, or a dimension is empty.
    """
    return dict(_parse_dimension(text, config_type) for text in texts)


def _parse_dimension(text: str, config_type: type) -> tuple[str, Dimension]:
    key, equals, values = text.partition("=")
    key = key.strip()
    if not equals:
        raise UserError(f"--space must be key=values, got {text!r}; write for example --space s1=10,20")
    field_type(config_type, key)  # refuses a key that is unknown
    if not values.strip():
        raise UserError(f"--space {key} is empty; write for example --space {key}=10,20")
    if ":" in values:
        return key, _parse_range(key, values, config_type)
    listed = tuple(
        parse_value(key, value, config_type, option="--space") for value in values.split(",") if value.strip()
    )
    if not listed:
        raise UserError(f"--space {key} is empty, got {text!r}; write for example --space {key}=10,20")
    return key, Choice(values=tuple(dict.fromkeys(listed)))


def _parse_range(key: str, values: str, config_type: type) -> Range:
    parts, kind = values.split(":"), field_type(config_type, key)
    if kind not in (int, float):
        raise UserError(f"--space {key}={values} is a range, but {key} is not a number; list its values")
    if len(parts) not in (2, 3) or (len(parts) == 3 and parts[2] != "log"):
        raise UserError(f"--space {key} must be low:high or low:high:log, got {values!r}")
    low, high = (float(parse_value(key, part, config_type, option="--space")) for part in parts[:2])
    log = len(parts) == 3
    if not low < high or (log and low <= 0):
        raise UserError(f"--space {key} needs low < high{' and low > 0' if log else ''}, got {values!r}")
    return Range(low=low, high=high, log=log, integer=kind is int)


def grid(space: Space) -> list[dict[str, Any]]:
    """Returns every combination of the listed values, the last key changing fastest.

    Raises:
        UserError: if a dimension is a range, which has no grid.
    """
    for key, dimension in space.items():
        if isinstance(dimension, Range):
            raise UserError(f"a grid needs listed values for {key}; list them or use --search random")
    values = [dimension.values for dimension in space.values() if isinstance(dimension, Choice)]
    return [dict(zip(space, combination, strict=True)) for combination in itertools.product(*values)]


def half_grid(space: Space) -> list[dict[str, Any]]:
    """Returns every second point of the grid: a half fraction of a factorial design.

    It has the points at which the places of the values in their lists add up to an even number. Any two values of two
    settings meet, equally often where each has two values, so each setting is judged over all values of the
    others; interactions of many settings are given up.

    Raises:
        UserError: if a dimension is a range, or fewer than three have at least two values.
    """
    points = grid(space)
    values = {key: dimension.values for key, dimension in space.items() if isinstance(dimension, Choice)}
    num_varied = sum(len(each) > 1 for each in values.values())
    if num_varied < 3:
        raise UserError(
            f"half a grid needs at least three settings of two or more values, got {num_varied}: with fewer,"
            " settings would change together; use --search grid"
        )
    return [point for point in points if sum(values[key].index(point[key]) for key in values) % 2 == 0]


def sample(space: Space, *, num_samples: int, seed: int) -> list[dict[str, Any]]:
    """Returns distinct points drawn independently and uniformly; fewer where the space has no more."""
    generator = random.Random(seed)
    points: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(100 * num_samples):
        point = {key: draw(dimension, generator) for key, dimension in space.items()}
        points.setdefault(tuple(point.values()), point)
        if len(points) == num_samples:
            break
    return list(points.values())


def draw(dimension: Dimension, generator: random.Random) -> Any:
    """Returns one value of the dimension."""
    if isinstance(dimension, Choice):
        return generator.choice(dimension.values)
    if dimension.log:
        value = math.exp(generator.uniform(math.log(dimension.low), math.log(dimension.high)))
    else:
        value = generator.uniform(dimension.low, dimension.high)
    value = min(max(value, dimension.low), dimension.high)
    return round(value) if dimension.integer else float(f"{value:.6g}")
