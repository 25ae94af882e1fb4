"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

import difflib

from thesis_workloads.residual_lstm.config import ResidualLSTMConfig

CHOICES = {
    "data": ("bible-verses", "ppdb", "wikianswers", "mscoco"),
    "model": ("seq2seq", "attention", "bidirectional", "residual"),
    "device": ("auto", "cpu", "cuda"),
}
"""Names that the fields of a configuration may take; the rooms' own tables hold what they stand for."""

AT_LEAST_ONE = (
    "num_val",
    "num_test",
    "max_length",
    "vocabulary",
    "references",
    "num_layers",
    "residual_step",
    "hidden",
    "epochs",
    "batch_size",
    "halve_every",
    "beam",
)
NOT_NEGATIVE = ("num_train", "second_beam", "length_penalty", "seed")
POSITIVE = ("learning_rate", "clip_norm", "init_range")


def validate(config: ResidualLSTMConfig) -> None:
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
    for field in POSITIVE:
        _check(0 < getattr(config, field) < float("inf"), field, "be positive", getattr(config, field))
    _check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    is_halved = config.model == "bidirectional"
    _check(
        not is_halved or config.num_layers % 2 == 0,
        "num_layers",
        "be even for bidirectional",
        config.num_layers,
    )
    is_connected = config.model != "residual" or config.residual_step <= config.num_layers
    _check(is_connected, "residual_step", f"be at most {config.num_layers=}", config.residual_step)


def _check(is_right: bool, field: str, rule: str, value: object) -> None:
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")


def _check_name(field: str, value: str, names: tuple[str, ...]) -> None:
    if value not in names:
        nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        hint = f" (did you mean {nearest[0]}?)" if nearest else ""
        raise ValueError(f"{field} must be one of {', '.join(names)}, got {field}={value}{hint}")
