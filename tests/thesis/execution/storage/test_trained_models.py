"""One rule says which trained model a command uses."""

import dataclasses
import os

import pytest

from thesis.execution.storage.checkpoints import save_state
from thesis.execution.storage.run_folder import create_run
from thesis.execution.storage.trained_models import find_best_model
from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.tracking.journal import Journal
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system


def add_run(output_dir, system, trials, *, age_s=0):
    """Writes a run whose trials have a last metric (None: they report none), a state or none, and a role."""
    experiment = find_system(system)
    config = make_config(experiment, scale="smoke", overrides={})
    plan = TrainPlan(system=system, scale="smoke", config=config, resources=Resources())
    folder, _ = create_run(output_dir, plan, fresh=True, extra={"data_dir": "", "data_digest": ""})
    journal = Journal(folder.journal)
    for name, (metric, has_state, is_baseline) in trials.items():
        journal.start(name, name=name, config=dataclasses.asdict(config), is_baseline=is_baseline)
        journal.epoch(name, {"epoch": 1, **({} if metric is None else {experiment.selection_metric: metric})})
        if has_state:
            place = folder.ray / "tune" / name / "checkpoint_000000"
            place.mkdir(parents=True)
            save_state({"name": name}, place)
    journal.close()
    os.utime(folder.plan, (1e9 - age_s, 1e9 - age_s))
    return folder


TRIALS = {
    "middle": (0.5, True, False),
    "low": (0.2, True, True),
    "high": (0.8, True, True),
    "lost": (0.9, False, False),
    "lost-too": (0.1, False, False),
    "silent": (None, True, False),
}


@pytest.mark.parametrize(("system", "best"), [("highway-vqa", "high"), ("residual-lstm", "low")])
def test_the_trial_with_the_best_last_metric_that_left_a_state_is_used_baselines_included(
    tmp_path, system, best
):
    add_run(tmp_path, system, TRIALS)
    found = find_best_model(find_system(system), tmp_path, None)
    assert (found.trial, found.state) == (best, {"name": best})


@pytest.mark.parametrize("system", ["highway-vqa", "residual-lstm"])
def test_a_trial_without_the_metric_is_used_where_there_is_no_other(tmp_path, system):
    add_run(tmp_path, system, {"silent": (None, True, False), "lost": (0.9, False, False)})
    assert find_best_model(find_system(system), tmp_path, None).trial == "silent"


def test_the_newest_run_that_left_a_model_is_used_or_the_one_that_is_named(tmp_path):
    old = add_run(tmp_path, "highway-vqa", {"old": (0.9, True, False)}, age_s=20)
    add_run(tmp_path, "highway-vqa", {"new": (0.1, True, False)}, age_s=10)
    empty = add_run(tmp_path, "highway-vqa", {"empty": (0.1, False, False)})
    system = find_system("highway-vqa")
    assert find_best_model(system, tmp_path, None).trial == "new"
    assert find_best_model(system, tmp_path, old.name).trial == "old"
    with pytest.raises(UserError, match=f"thesis resume {empty.name}"):
        find_best_model(system, tmp_path, empty.name)
    with pytest.raises(UserError, match="is a run of highway-vqa, not of repr"):
        find_best_model(find_system("repr"), tmp_path, old.name)
