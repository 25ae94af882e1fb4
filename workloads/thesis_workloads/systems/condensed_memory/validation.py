"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.training.config_checks import (
    check,
    check_at_least_one,
    check_names,
    check_not_negative,
    check_positive,
)

CHOICES = {
    "data": ("phenotypes", "mimic"),
    "model": ("memnn", "key-value", "averaged", "condensed"),
    "addressing": ("softmax", "sigmoid", "gated"),
    "keys": ("pages", "titles"),
    "condensation": ("halves", "printed"),
    "condensing_init": ("orthogonal", "uniform"),
    "response": ("concatenated", "condensed"),
    "bag": ("sum", "mean"),
    "device": ("auto", "cpu", "cuda"),
}
"""Names that the fields of a configuration may take."""

AT_LEAST_ONE = (
    "num_notes",
    "max_words",
    "vocabulary_size",
    "hops",
    "embedding_dim",
    "title_dim",
    "gate_dim",
    "epochs",
    "batch_size",
)
NOT_NEGATIVE = ("hash_keys", "weight_decay", "slot_loss_weight", "seed")


def validate(config: CondensedMemoryConfig) -> None:
    """Checks every field that has bounds or a fixed choice of names.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_names(config, CHOICES)
    check_at_least_one(config, AT_LEAST_ONE)
    check_not_negative(config, NOT_NEGATIVE)
    check(config.num_labels >= 5, "num_labels", "be at least 5 (precision at five)", config.num_labels)
    is_even = config.slot_dim >= 2 and config.slot_dim % 2 == 0
    check(is_even, "slot_dim", "be even and at least 2, since it is halved", config.slot_dim)
    check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    check_positive(config, ("learning_rate", "max_gradient_norm"))
    if config.data == "phenotypes":
        fits = config.num_labels <= config.num_diseases
        check(fits, "num_diseases", f"be at least num_labels={config.num_labels}", config.num_diseases)
        fits = config.num_diseases <= config.num_articles
        check(fits, "num_articles", f"be at least num_diseases={config.num_diseases}", config.num_articles)
        fits = config.hash_keys <= config.num_articles
        check(fits, "hash_keys", f"be at most num_articles={config.num_articles}", config.hash_keys)
