"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.training.config_checks import (
    check,
    check_at_least_one,
    check_names,
    check_not_negative,
    check_positive,
)

CHOICES = {
    "data": ("bible-verses", "ppdb", "wikianswers", "mscoco"),
    "model": ("seq2seq", "attention", "bidirectional", "residual"),
    "dropout_position": ("after-sum", "before-sum"),
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
    check_names(config, CHOICES)
    check_at_least_one(config, AT_LEAST_ONE)
    check_not_negative(config, NOT_NEGATIVE)
    check_positive(config, POSITIVE)
    check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    is_halved = config.model == "bidirectional"
    check(
        not is_halved or config.num_layers % 2 == 0,
        "num_layers",
        "be even for bidirectional",
        config.num_layers,
    )
    is_connected = config.model != "residual" or config.residual_step <= config.num_layers
    check(is_connected, "residual_step", f"be at most {config.num_layers=}", config.residual_step)
