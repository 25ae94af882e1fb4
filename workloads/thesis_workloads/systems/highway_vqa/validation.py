"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.training.config_checks import (
    check,
    check_at_least_one,
    check_names,
    check_not_negative,
    check_positive,
)

CHOICES = {
    "data": ("easy-vqa", "scenes", "vqa-v1", "vqa-v2"),
    "model": ("highway", "image", "question", "q+i", "lstm-q+i"),
    "padding": ("repeat", "zeros"),
    "carry": ("sigmoid", "linear"),
    "projection": ("layer", "shared"),
    "normalisation": ("official", "lenient"),
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
    check_names(config, CHOICES)
    check_at_least_one(config, AT_LEAST_ONE)
    check_not_negative(config, NOT_NEGATIVE)
    check_positive(config, POSITIVE)
    check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    is_large = config.image_size >= SMALLEST_IMAGE
    check(is_large, "image_size", f"be at least {SMALLEST_IMAGE}", config.image_size)
