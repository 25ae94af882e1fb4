"""Declared runs on Ray: each configuration once, shared between tables, and gone on with."""

from dataclasses import replace

import pytest

from thesis.execution.training.table_plan import table_plan
from thesis.experiments.plan import Resources
from thesis.experiments.stored_plan import plan_from_dict, plan_to_dict
from thesis.results.summary import Summary
from thesis_workloads.contract.tables import DeclaredRuns, RunCell

TINY = {"epochs": 3, "s1": 1, "s2": 1, "n": 1, "num_train": 60, "num_val": 60, "model": "c2-8"}


def declare(table, **runs):
    return DeclaredRuns(
        title="tiny",
        table=table,
        runs={"standard": {"scheme": "standard"}, **runs},
        cells=(RunCell(row={}, column="accuracy", run="standard", dataset="any"),),
        settings={"smoke": TINY},
        data={"smoke": {"any": "digits"}},
        num_seeds={"smoke": 1},
    )


def plan(declared):
    return table_plan(declared, scale="smoke", resources=Resources())


def test_two_runs_of_one_configuration_are_one_trial_with_both_names():
    trials = plan(declare("figure-x", again={"scheme": "standard"}, repr={})).trials
    assert [trial.name for trial in trials] == ["standard, again seed=0", "repr seed=0"]
    assert [trial.is_baseline for trial in trials] == [True, False]


def test_a_table_plan_is_read_back_as_it_was_written():
    made = plan(declare("figure-x", repr={}))
    assert plan_from_dict(plan_to_dict(made)) == made


def test_other_code_makes_another_plan():
    made = plan(declare("figure-x"))
    assert plan_to_dict(replace(made, code="other")) != plan_to_dict(made)


@pytest.mark.ray
def test_a_second_table_takes_over_the_trials_of_the_first(ray_session, options, no_watch):
    from thesis.execution.training.job import run_job

    def run(declared):
        return run_job(plan(declared), options, watch=no_watch, conclude=lambda *_: Summary())

    first = run(declare("figure-x", repr={}))
    second = run(declare("figure-y", p40={"p": 40.0}))
    third = run(declare("figure-z", repr={}))
    assert (first.num_reused, second.num_reused, third.num_reused) == (0, 1, 2)
    assert all(
        record.status == "finished" for outcome in (first, second, third) for record in outcome.records
    )
    own = {record.trial_id: record.history for record in first.records}
    shared = [record for record in third.records if record.trial_id in own]
    assert len(shared) == 2
    assert all(record.history == own[record.trial_id] for record in shared)
