"""Checks of a configuration that need neither data nor PyTorch, for use before anything starts."""

from thesis_workloads.contract.settings import check, check_settings
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig


def validate(config: CondensedMemoryConfig) -> None:
    """Checks every field's choices and bounds, and what relates several of them.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    check_settings(config)
    check(config.slot_dim % 2 == 0, "slot_dim", "be even, since it is halved", config.slot_dim)
    if config.data == "phenotypes":
        fits = config.num_labels <= config.num_diseases
        check(fits, "num_diseases", f"be at least num_labels={config.num_labels}", config.num_diseases)
        fits = config.num_diseases <= config.num_articles
        check(fits, "num_articles", f"be at least num_diseases={config.num_diseases}", config.num_articles)
        fits = config.hash_keys <= config.num_articles
        check(fits, "hash_keys", f"be at most num_articles={config.num_articles}", config.hash_keys)
