import dataclasses

import pytest

from thesis.experiments.plan import (
    Resources,
    control_trials,
    make_config,
    make_sweep,
    num_trials,
    planned_trials,
)
from thesis.experiments.stored_plan import plan_digest, plan_from_dict, plan_to_dict
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system

NAMES = ("early stopping", "weight decay", "dropout", "random filters", "later layers", "reverse ranking")


def sweep(system="repr", *, controls=True, search="half", **overrides):
    return make_sweep(
        find_system(system),
        scale="small",
        overrides=overrides,
        space={},
        search=search,
        scheduler="none",
        num_samples=2,
        num_seeds=3,
        seed=0,
        resources=Resources(),
        with_controls=controls,
    )


def differences(config, other):
    pairs = zip(dataclasses.asdict(config).items(), dataclasses.asdict(other).values(), strict=True)
    return {key: value for (key, value), theirs in pairs if value != theirs}


def test_every_control_that_is_run_has_every_seed_and_the_sweeps_budget():
    plan = sweep()
    assert plan.controls == NAMES
    trials = control_trials(plan)
    assert [(trial.control, trial.config.seed) for trial in trials] == [
        (name, seed) for name in NAMES[1:] for seed in range(3)
    ]
    assert {trial.config.epochs for trial in trials} == {100}
    assert len({trial.key for trial in planned_trials(plan)}) == num_trials(plan) == 8 * 3 + 3 + 5 * 3


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("weight decay", {"scheme": "standard", "weight_decay": 0.01}),
        ("dropout", {"scheme": "standard", "dropout": 0.5}),
        ("random filters", {"metric": "random"}),
        ("later layers", {"scheme": "later-layers"}),
        ("reverse ranking", {"reverse_ranking": True}),
    ],
)
def test_a_control_differs_from_the_method_in_what_its_name_says(name, changed):
    plan = sweep()
    config = next(trial.config for trial in control_trials(plan) if trial.control == name)
    assert differences(config, plan.config) == changed


def test_the_methods_own_settings_are_a_point_of_the_half_grid_so_that_one_thing_differs():
    plan = sweep()
    settings = [trial.config for trial in planned_trials(plan) if trial.name == trial.control == ""]
    assert plan.config in settings


def test_optuna_runs_the_controls_too():
    assert num_trials(sweep(search="optuna")) == num_trials(sweep(search="optuna", controls=False)) + 15


def test_a_plan_with_controls_is_read_back_and_one_without_keeps_its_name():
    plan = sweep()
    assert plan_from_dict(plan_to_dict(plan)) == plan
    assert "controls" not in plan_to_dict(sweep(controls=False))
    assert plan_digest(plan) != plan_digest(sweep(controls=False))


def test_a_system_without_controls_refuses_them():
    with pytest.raises(UserError, match="--controls must be left out for ms-roi, which declares no controls"):
        sweep("ms-roi", search="random")


def test_the_released_scale_has_the_published_codes_regime():
    config = make_config(find_system("repr"), scale="released", overrides={})
    full_epochs = config.n * config.s1 + 19  # the published code counts 199 epochs of all filters
    assert config.epochs == full_epochs + config.n * config.s2 == 379
    assert (config.model, config.p, config.learning_rate, config.halving_steps) == (
        "c3-32-released",
        50.0,
        0.05,
        25_000,
    )
    assert (config.variant, config.readers, config.rank_first_conv) == ("released", "old", True)
