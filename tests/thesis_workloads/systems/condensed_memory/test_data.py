"""The shipped default, from the files of the installed package."""

import dataclasses

import pytest

from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.data import DATA_FIELDS, load

CONFIG = CondensedMemoryConfig(num_notes=300, num_labels=10, num_diseases=20, num_articles=30)


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


def test_the_shipped_notes_are_the_same_every_time(cached):
    first, second = load(CONFIG, cached), load(CONFIG, cached)
    assert first.digest == second.digest
    assert first.version.startswith("hp/releases/")
    assert (len(first.label_names), len(first.article_titles)) == (10, 30)


def test_settings_that_are_no_data_fields_leave_the_data_alone(cached):
    others = {field.name for field in dataclasses.fields(CONFIG)} - set(DATA_FIELDS)
    assert {"model", "hops", "seed", "epochs", "hash_keys"} <= others
    changed = dataclasses.replace(CONFIG, seed=3, model="memnn", hops=5, epochs=2, hash_keys=7)
    assert load(changed, cached).digest == load(CONFIG, cached).digest


@pytest.mark.parametrize(
    "change", [{"num_labels": 8}, {"num_notes": 200}, {"num_articles": 25}, {"max_words": 9}]
)
def test_data_fields_change_the_data(cached, change):
    assert load(dataclasses.replace(CONFIG, **change), cached).digest != load(CONFIG, cached).digest


def test_most_notes_have_fewer_than_five_diagnoses_and_some_many(cached):
    counts = load(CONFIG, cached).train.labels.sum(1)
    assert float((counts < 5).float().mean()) > 0.5
    assert float(counts.max()) > 3 * float(counts.median())
