"""The declared tables of chapters 7 and 8 cover what is printed, with the same budget for every model."""

import dataclasses

import pytest

from thesis.experiments.table_trials import declared_trials
from thesis.paper.reference import read_reference
from thesis_workloads.contract.tables import SCALES
from thesis_workloads.systems.condensed_memory import tables as condensed_memory_tables
from thesis_workloads.systems.condensed_memory.validation import validate as validate_memory
from thesis_workloads.systems.residual_lstm import tables as residual_lstm_tables
from thesis_workloads.systems.residual_lstm.validation import validate as validate_paraphraser

DECLARED = {**residual_lstm_tables.DECLARED, **condensed_memory_tables.DECLARED}
VALIDATE = {"residual-lstm": validate_paraphraser, "condensed-memory": validate_memory}


@pytest.mark.parametrize("name", DECLARED)
def test_every_printed_number_has_a_cell(name):
    table = read_reference().tables[DECLARED[name].table]
    found = {(tuple(sorted(cell.row.items())), cell.column) for cell in DECLARED[name].cells}
    wanted = {(tuple(sorted(row.keys.items())), column) for row in table.rows for column in row.values}
    assert wanted <= found


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", DECLARED)
def test_every_trial_is_one_that_its_system_accepts(name, scale):
    declared = DECLARED[name]
    for trial in declared_trials(declared, scale=scale):
        VALIDATE[declared.system](trial.config)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", ["table-7.4", "table-8.3"])
def test_the_models_of_a_table_differ_in_nothing_else(name, scale):
    declared = DECLARED[name]
    own = {key for run in declared.runs.values() for key in run}
    own |= {key for data in declared.data[scale].values() if not isinstance(data, str) for key in data}
    neutral = dict.fromkeys(own | {"seed", "data"})
    settings = [
        {**dataclasses.asdict(trial.config), **neutral} for trial in declared_trials(declared, scale=scale)
    ]
    assert all(each == settings[0] for each in settings)


def test_all_four_models_are_there_at_both_depths_with_five_seeds():
    trials = declared_trials(DECLARED["table-7.4"], scale="small")
    found = {(t.config.model, t.config.num_layers, t.config.seed) for t in trials}
    assert len(found) == len(trials) == 4 * 2 * 5


def test_four_networks_three_hops_and_two_label_counts_are_there_with_eight_seeds():
    trials = declared_trials(DECLARED["table-8.3"], scale="small")
    found = {(t.config.model, t.config.hops, t.config.num_labels, t.config.seed) for t in trials}
    assert len(found) == len(trials) == 4 * 3 * 2 * 8


def test_the_variances_are_read_from_a_run_of_the_scores_table():
    scores = {trial.config for trial in declared_trials(DECLARED["table-7.4"], scale="small")}
    variances = {trial.config for trial in declared_trials(DECLARED["table-7.5"], scale="small")}
    assert variances < scores
