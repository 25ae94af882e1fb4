import pytest
from mlflow.utils.validation import _validate_metric_name

from thesis.tracking.mlflow.metric_names import metric_name
from thesis_workloads.systems.pixel_deflection.experiment import DEFENSES


@pytest.mark.parametrize("name", sorted(DEFENSES))
def test_every_declared_defence_names_a_metric_that_mlflow_takes(name):
    _validate_metric_name(f"accuracy/{metric_name(name)}")


def test_no_two_defences_share_a_metric():
    assert len({metric_name(name) for name in DEFENSES}) == len(DEFENSES)
