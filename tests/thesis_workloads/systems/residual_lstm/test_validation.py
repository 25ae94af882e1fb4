import dataclasses

import pytest

from thesis_workloads.contract.settings import settings_of
from thesis_workloads.datasets.text.paraphrases import PARAPHRASE_SETS
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.model import MODELS
from thesis_workloads.systems.residual_lstm.size import PUBLISHED_PAIRS
from thesis_workloads.systems.residual_lstm.stack import DROPOUT_POSITIONS
from thesis_workloads.systems.residual_lstm.validation import validate


def test_the_default_configuration_is_right():
    validate(ResidualLSTMConfig())


def test_the_names_are_those_of_the_tables():
    known = settings_of(ResidualLSTMConfig)
    assert known["model"].choices == MODELS
    assert known["dropout_position"].choices == DROPOUT_POSITIONS
    assert set(known["data"].choices) == set(PARAPHRASE_SETS) == set(PUBLISHED_PAIRS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "residul"}, r"did you mean residual\?"),
        ({"num_layers": 0}, "num_layers must be at least 1"),
        ({"model": "bidirectional", "num_layers": 3}, "num_layers must be even for bidirectional"),
        ({"num_layers": 2, "residual_step": 3}, "residual_step must be at most"),
        ({"dropout_position": "after"}, "dropout_position must be one of"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"length_penalty": -1.0}, "length_penalty must be at least 0"),
        ({"data": "ppbd"}, r"did you mean ppdb\?"),
        ({"device": "tpu"}, "device must be one of"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(changes, message):
    with pytest.raises(ValueError, match=message):
        validate(dataclasses.replace(ResidualLSTMConfig(), **changes))
