from importlib.metadata import version

import torchvision
from torch import nn

from thesis.tracking.mlflow.models import _requirements


def test_a_model_asks_for_the_versions_that_made_it_and_for_torchvision_only_where_it_has_parts_of_it():
    plain = _requirements(nn.Linear(2, 2))
    assert f"numpy=={version('numpy')}" in plain
    assert [line.split("==")[0] for line in plain] == ["torch", "numpy", "cloudpickle"]
    borrowed = nn.Sequential(torchvision.ops.Conv2dNormActivation(3, 4))
    assert [line.split("==")[0] for line in _requirements(borrowed)][-1] == "torchvision"
