"""Checks of a RePr configuration that need neither data nor PyTorch, for use before anything starts."""

import difflib

from thesis_workloads.repr.config import RePrConfig

CHOICES = {
    "scheme": ("repr", "standard"),
    "metric": (
        "ortho",
        "weights",
        "random",
        "oracle",
        "activations",
        "apoz",
        "gradients",
        "taylor",
        "hessian",
    ),
    "score_scale": ("none", "dimension", "layer"),
    "variant": ("text", "released"),
    "optimizer": ("sgd", "momentum", "adam"),
    "schedule": ("constant", "steps", "cyclic"),
    "device": ("auto", "cpu", "cuda"),
}
"""Names that the fields of a configuration may take; the rooms' own tables hold what they stand for."""

AT_LEAST_ONE = ("s1", "s2", "n", "num_ranking", "min_filters", "epochs", "batch_size")
NOT_NEGATIVE = ("num_train", "num_val", "weight_decay", "seed")


def validate(config: RePrConfig) -> None:
    """Checks every field that has bounds or a fixed choice of names.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    for field, names in CHOICES.items():
        _check_name(field, getattr(config, field), names)
    for field in AT_LEAST_ONE:
        _check(getattr(config, field) >= 1, field, "be at least 1", getattr(config, field))
    for field in NOT_NEGATIVE:
        _check(getattr(config, field) >= 0, field, "not be negative", getattr(config, field))
    _check(0 <= config.p <= 100, "p", "be within 0..100", config.p)
    _check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    _check(0 <= config.momentum < 1, "momentum", "be at least 0 and below 1", config.momentum)
    _check(0 < config.learning_rate < float("inf"), "learning_rate", "be positive", config.learning_rate)
    needs_images = config.scheme == "repr" and config.metric == "oracle"
    _check(not needs_images or config.num_val > 0, "num_val", "be at least 1 for oracle", config.num_val)


def _check(is_right: bool, field: str, rule: str, value: object) -> None:
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")


def _check_name(field: str, value: str, names: tuple[str, ...]) -> None:
    if value not in names:
        nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        hint = f" (did you mean {nearest[0]}?)" if nearest else ""
        raise ValueError(f"{field} must be one of {', '.join(names)}, got {field}={value}{hint}")
