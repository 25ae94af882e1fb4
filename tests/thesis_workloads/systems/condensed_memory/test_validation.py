import dataclasses

import pytest

from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.validation import validate


def test_the_defaults_are_valid():
    validate(CondensedMemoryConfig())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "condenced"}, "did you mean condensed"),
        ({"addressing": "hard"}, "addressing must be one of"),
        ({"response": "concatenate"}, "did you mean concatenated"),
        ({"condensing_init": "orthogonol"}, "did you mean orthogonal"),
        ({"slot_dim": 5}, "slot_dim must be even"),
        ({"hops": 0}, "hops must be at least 1"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
        ({"num_labels": 4}, "num_labels must be at least 5"),
        ({"num_labels": 200}, "num_diseases must be at least num_labels=200"),
        ({"num_articles": 100}, "num_articles must be at least num_diseases=150"),
        ({"hash_keys": 201}, "hash_keys must be at most"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"weight_decay": -1.0}, "weight_decay must be at least 0"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(changes, message):
    with pytest.raises(ValueError, match=message):
        validate(dataclasses.replace(CondensedMemoryConfig(), **changes))


def test_the_sizes_of_generated_notes_do_not_bind_other_notes():
    validate(CondensedMemoryConfig(data="mimic", num_labels=200))
