import dataclasses

import pytest

from thesis_workloads.contract.settings import settings_of
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.pruning.ranking import METRICS
from thesis_workloads.systems.repr.validation import validate
from thesis_workloads.training.optimizers import OPTIMIZERS
from thesis_workloads.training.schedules import SCHEDULES


def test_the_defaults_are_valid():
    validate(RePrConfig())


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("p", 130.0, "p must be within 0..100, got p=130"),
        ("p", -1.0, "p must be within 0..100, got p=-1"),
        ("p", float("nan"), "p must be within 0..100, got p=nan"),
        ("s1", 0, "s1 must be at least 1, got s1=0"),
        ("s2", 0, "s2 must be at least 1, got s2=0"),
        ("n", -1, "n must be at least 0, got n=-1"),
        ("label_noise", 1.2, "label_noise must be within 0..1, got label_noise=1.2"),
        ("label_noise", -0.1, "label_noise must be within 0..1, got label_noise=-0.1"),
        ("readers", "none", "readers must be one of old, zero, fresh, got readers=none"),
        ("filter_norm", "clip", "filter_norm must be one of retained, unit, clipped"),
        ("halving_steps", 0, "halving_steps must be at least 1, got halving_steps=0"),
        ("epochs", 0, "epochs must be at least 1, got epochs=0"),
        ("batch_size", 0, "batch_size must be at least 1, got batch_size=0"),
        ("min_filters", 0, "min_filters must be at least 1, got min_filters=0"),
        ("num_ranking", 0, "num_ranking must be at least 1, got num_ranking=0"),
        ("ortho_loss", -0.1, "ortho_loss must be at least 0, got ortho_loss=-0.1"),
        ("teacher_weight", 1.5, "teacher_weight must be within 0..1, got teacher_weight=1.5"),
        ("temperature", 0.0, "temperature must be above 0, got temperature=0.0"),
        (
            "teacher",
            "c3-64",
            "teacher_epochs must be within 1..99 for the teacher c3-64, to share epochs=100",
        ),
        ("teacher_epochs", 5, "teacher_epochs must be 0 for a teacher that is not trained here"),
        ("dropout", 1.0, "dropout must be at least 0 and below 1, got dropout=1.0"),
        ("learning_rate", 0.0, "learning_rate must be above 0, got learning_rate=0.0"),
        ("metric", "otho", r"metric must be one of .*, got metric=otho \(did you mean ortho\?\)"),
        ("optimizer", "adamw", r"got optimizer=adamw \(did you mean adam\?\)"),
        ("scheme", "rper", r"got scheme=rper \(did you mean repr\?\)"),
        ("schedule", "cycle", r"got schedule=cycle \(did you mean cyclic\?\)"),
        ("variant", "paper", "variant must be one of text, released, got variant=paper"),
    ],
)
def test_a_value_out_of_bounds_is_named(field, value, message):
    with pytest.raises(ValueError, match=message):
        validate(dataclasses.replace(RePrConfig(), **{field: value}))


def test_born_again_networks_have_their_own_teachers_and_an_epoch_each():
    with pytest.raises(ValueError, match="teacher must be none for ban"):
        validate(RePrConfig(scheme="ban", teacher="c3-64", teacher_epochs=5))
    with pytest.raises(ValueError, match=r"n must be within 1..epochs=2 for ban, got n=3"):
        validate(RePrConfig(scheme="ban", epochs=2))


def test_the_oracle_needs_held_out_images():
    with pytest.raises(ValueError, match="num_val must be at least 1 for oracle, got num_val=0"):
        validate(RePrConfig(metric="oracle", num_val=0))
    validate(RePrConfig(metric="oracle", num_val=0, scheme="standard"))


@pytest.mark.parametrize(
    ("field", "table"), [("metric", METRICS), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)]
)
def test_the_allowed_names_are_those_of_the_tables(field, table):
    assert settings_of(RePrConfig)[field].choices == tuple(table)
