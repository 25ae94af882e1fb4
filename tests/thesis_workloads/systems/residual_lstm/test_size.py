import dataclasses

import pytest

from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.size import size_of
from thesis_workloads.systems.residual_lstm.train import build

CONFIG = ResidualLSTMConfig(hidden=8, vocabulary=20)


@pytest.mark.parametrize("model", ["seq2seq", "attention", "bidirectional", "residual"])
def test_parameters_are_counted_as_built(model):
    config = dataclasses.replace(CONFIG, model=model)
    expected = sum(parameter.numel() for parameter in build(config, num_words=23).parameters())
    assert size_of(config).num_parameters == expected


def test_the_published_training_part_is_counted_where_all_of_it_is_used():
    assert size_of(dataclasses.replace(CONFIG, data="mscoco", num_train=0)).num_train == 331_163
    assert size_of(dataclasses.replace(CONFIG, num_train=100)).num_train == 100
