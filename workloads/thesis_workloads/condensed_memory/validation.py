"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

import difflib

from thesis_workloads.condensed_memory.config import CondensedMemoryConfig

CHOICES = {
    "data": ("phenotypes", "mimic"),
    "model": ("memnn", "key-value", "averaged", "condensed"),
    "addressing": ("softmax", "sigmoid", "gated"),
    "keys": ("pages", "titles"),
    "condensation": ("halves", "printed"),
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
    for field, names in CHOICES.items():
        _check_name(field, getattr(config, field), names)
    for field in AT_LEAST_ONE:
        _check(getattr(config, field) >= 1, field, "be at least 1", getattr(config, field))
    for field in NOT_NEGATIVE:
        _check(getattr(config, field) >= 0, field, "not be negative", getattr(config, field))
    _check(config.num_labels >= 5, "num_labels", "be at least 5 (precision at five)", config.num_labels)
    is_even = config.slot_dim >= 2 and config.slot_dim % 2 == 0
    _check(is_even, "slot_dim", "be even and at least 2, since it is halved", config.slot_dim)
    _check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    for field in ("learning_rate", "max_gradient_norm"):
        value = getattr(config, field)
        _check(0 < value < float("inf"), field, "be positive", value)
    if config.data == "phenotypes":
        fits = config.num_labels <= config.num_diseases
        _check(fits, "num_diseases", f"be at least num_labels={config.num_labels}", config.num_diseases)
        fits = config.num_diseases <= config.num_articles
        _check(fits, "num_articles", f"be at least num_diseases={config.num_diseases}", config.num_articles)
        fits = config.hash_keys <= config.num_articles
        _check(fits, "hash_keys", f"be at most num_articles={config.num_articles}", config.hash_keys)


def _check(is_right: bool, field: str, rule: str, value: object) -> None:
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")


def _check_name(field: str, value: str, names: tuple[str, ...]) -> None:
    if value not in names:
        nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        hint = f" (did you mean {nearest[0]}?)" if nearest else ""
        raise ValueError(f"{field} must be one of {', '.join(names)}, got {field}={value}{hint}")
