"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

import difflib

from thesis_workloads.highway_vqa.config import HighwayVQAConfig

CHOICES = {
    "data": ("easy-vqa", "scenes", "vqa-v1", "vqa-v2"),
    "model": ("highway", "image", "question", "q+i", "lstm-q+i"),
    "padding": ("repeat", "zeros"),
    "carry": ("sigmoid", "linear"),
    "words": ("question", "random"),
    "word_order": ("original", "shuffled"),
    "question": ("forward", "forward+reversed"),
    "device": ("auto", "cpu", "cuda"),
}
"""Names that the fields of a configuration may take; the rooms' own tables hold what they stand for."""

AT_LEAST_ONE = (
    "num_val_images",
    "num_answers",
    "grid",
    "words_per_layer",
    "width",
    "word_dim",
    "epochs",
    "batch_size",
)
NOT_NEGATIVE = ("num_images", "depth", "weight_decay", "seed")
POSITIVE = ("learning_rate", "max_gradient_norm")
SMALLEST_IMAGE = 32  # pixels: the networks halve an image five times


def validate(config: HighwayVQAConfig) -> None:
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
    is_large = config.image_size >= SMALLEST_IMAGE
    _check(is_large, "image_size", f"be at least {SMALLEST_IMAGE}", config.image_size)


def _check(is_right: bool, field: str, rule: str, value: object) -> None:
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")


def _check_name(field: str, value: str, names: tuple[str, ...]) -> None:
    if value not in names:
        nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        hint = f" (did you mean {nearest[0]}?)" if nearest else ""
        raise ValueError(f"{field} must be one of {', '.join(names)}, got {field}={value}{hint}")
