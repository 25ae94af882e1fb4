"""Checks of a RePr configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.training.config_checks import check, check_at_least_one, check_names, check_not_negative

CHOICES = {
    "scheme": ("repr", "standard", "dsd", "ban", "later-layers"),
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
    "readers": ("old", "zero", "fresh"),
    "filter_norm": ("retained", "unit", "clipped"),
    "optimizer": ("sgd", "momentum", "adam"),
    "schedule": ("constant", "steps", "cyclic", "halving"),
    "device": ("auto", "cpu", "cuda"),
    "precision": ("float32", "bfloat16"),
}
"""Names that the fields of a configuration may take; the rooms' own tables hold what they stand for."""

AT_LEAST_ONE = ("s1", "s2", "num_ranking", "min_filters", "epochs", "batch_size", "halving_steps")
NOT_NEGATIVE = (
    "num_train",
    "num_val",
    "noise_seed",
    "n",
    "num_early_layers",
    "weight_decay",
    "seed",
    "ortho_loss",
    "teacher_epochs",
    "num_loaders",
)


def validate(config: RePrConfig) -> None:
    """Checks every field that has bounds or a fixed choice of names.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_names(config, CHOICES)
    check_at_least_one(config, AT_LEAST_ONE)
    check_not_negative(config, NOT_NEGATIVE)
    check(0 <= config.label_noise <= 1, "label_noise", "be within 0..1", config.label_noise)
    check(0 <= config.p <= 100, "p", "be within 0..100", config.p)
    check(0 <= config.dropout < 1, "dropout", "be at least 0 and below 1", config.dropout)
    check(0 <= config.momentum < 1, "momentum", "be at least 0 and below 1", config.momentum)
    check(0 < config.learning_rate < float("inf"), "learning_rate", "be positive", config.learning_rate)
    check(0 <= config.teacher_weight <= 1, "teacher_weight", "be within 0..1", config.teacher_weight)
    check(0 < config.temperature < float("inf"), "temperature", "be positive", config.temperature)
    _check_budget(config)
    needs_images = config.scheme == "repr" and config.metric == "oracle"
    check(not needs_images or config.num_val > 0, "num_val", "be at least 1 for oracle", config.num_val)


def is_file(teacher: str) -> bool:
    """Returns whether the name of a teacher is the path of a file."""
    return "/" in teacher or teacher.endswith(".pt")


def _check_budget(config: RePrConfig) -> None:
    if config.scheme == "ban":
        check(config.teacher == "none", "teacher", "be none for ban, which has its own", config.teacher)
        check(1 <= config.n <= config.epochs, "n", f"be within 1..epochs={config.epochs} for ban", config.n)
    if config.teacher == "none" or is_file(config.teacher):
        rule = "be 0 for a teacher that is not trained here"
        check(config.teacher_epochs == 0, "teacher_epochs", rule, config.teacher_epochs)
    else:
        rule = f"be within 1..{config.epochs - 1} for the teacher {config.teacher}, to share epochs={config.epochs}"
        check(0 < config.teacher_epochs < config.epochs, "teacher_epochs", rule, config.teacher_epochs)
