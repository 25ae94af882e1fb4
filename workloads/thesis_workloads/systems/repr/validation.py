"""Checks of a RePr configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.contract.settings import check, check_settings
from thesis_workloads.systems.repr.config import RePrConfig


def validate(config: RePrConfig) -> None:
    """Checks every field's choices and bounds, and what relates several of them.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_settings(config)
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
