"""What the platform declares of RePr's tables is what RePr accepts."""

import pytest

from thesis.experiments.declared import declared_trials
from thesis.experiments.repr_tables import DECLARED
from thesis_workloads.datasets.splits import check_sizes
from thesis_workloads.repr.size import check_pruning
from thesis_workloads.repr.validation import validate


@pytest.mark.parametrize("scale", ["smoke", "small", "paper"])
@pytest.mark.parametrize("name", DECLARED)
def test_every_declared_run_is_valid(name, scale):
    for trial in declared_trials(DECLARED[name], scale=scale, num_seeds=1):
        validate(trial.config)
        check_sizes(trial.config.data, num_train=trial.config.num_train, num_val=trial.config.num_val)
        check_pruning(trial.config)
