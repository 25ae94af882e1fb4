"""What the platform declares of chapter 5's tables is what its systems accept."""

import pytest

from thesis.execution.training.workloads import find_workload
from thesis.experiments.table_trials import declared_trials
from thesis_workloads.systems.repr.curve_figures import CURVE_FIGURES
from thesis_workloads.systems.repr.figures import FIGURES as FIGURES_OF_SETTINGS
from thesis_workloads.systems.repr.regime import STUDY
from thesis_workloads.systems.repr.tables import DECLARED as TABLES_OF_RUNS

DECLARED = {**TABLES_OF_RUNS, **FIGURES_OF_SETTINGS, **CURVE_FIGURES, **STUDY}


@pytest.mark.parametrize("scale", ["smoke", "small", "paper"])
@pytest.mark.parametrize("name", DECLARED)
def test_every_declared_run_is_valid(name, scale):
    validate = find_workload(DECLARED[name].system).validate
    for trial in declared_trials(DECLARED[name], scale=scale, num_seeds=1):
        validate(trial.config)
