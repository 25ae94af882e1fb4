import dataclasses

import pytest
import torch

from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.model import Sizes
from thesis_workloads.systems.highway_vqa.size import size_of
from thesis_workloads.systems.highway_vqa.state import build


@pytest.mark.parametrize("projection", ["layer", "shared"])
def test_parameters_are_counted_as_built(projection):
    config = HighwayVQAConfig(width=8, word_dim=4, projection=projection)
    sizes = Sizes(num_words=28, num_answers=13, feature_dim=1280, word_dim=4, depth=8)
    with torch.device("meta"):
        expected = sum(parameter.numel() for parameter in build(config, sizes).parameters())
    assert size_of(config).num_parameters == expected


def test_a_shared_projection_saves_parameters_and_no_products():
    own, shared = (
        size_of(dataclasses.replace(HighwayVQAConfig(), projection=projection))
        for projection in ("layer", "shared")
    )
    assert shared.num_parameters == own.num_parameters - 7 * (64 + 1) * 128
    assert shared.flops_per_example == own.flops_per_example
