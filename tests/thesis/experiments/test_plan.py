import dataclasses
import json

import pytest

from thesis.experiments.plan import Resources, candidates, make_sweep, num_trials, trials_of
from thesis.experiments.stored_plan import plan_digest, plan_from_dict, plan_to_dict
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.registry import find_system
from thesis_workloads.systems.repr.config import RePrConfig


def sweep(*space, **changes):
    values = {
        "scale": "small",
        "overrides": {},
        "space": parse_space(space, RePrConfig),
        "search": "grid",
        "scheduler": "none",
        "num_samples": 4,
        "num_seeds": 2,
        "seed": 0,
        "resources": Resources(),
    }
    return make_sweep(find_system("repr"), **{**values, **changes})


def trials(plan):
    return trials_of(plan, candidates(plan))


def test_every_point_and_one_baseline_are_run_with_every_seed():
    planned = trials(sweep("s1=10,20", "p=10,30", num_seeds=3))
    assert len(planned) == (4 + 1) * 3
    assert sum(trial.is_baseline for trial in planned) == 3


def test_the_baseline_differs_from_a_candidate_in_the_method_alone():
    planned = trials(sweep("s1=10,20", "optimizer=sgd,adam", num_seeds=1))
    baselines = [trial.config for trial in planned if trial.is_baseline]
    assert {config.optimizer for config in baselines} == {"sgd", "adam"}
    assert {config.scheme for config in baselines} == {"standard"}
    assert {config.epochs for config in baselines} == {trial.config.epochs for trial in planned}


def test_a_candidate_that_is_the_baseline_itself_is_run_once():
    planned = trials(sweep("scheme=repr,standard", num_seeds=1))
    assert sorted(trial.config.scheme for trial in planned) == ["repr", "standard"]


def test_random_search_draws_points_within_their_ranges_for_every_seed():
    plan = sweep("p=10:40", "s1=1:3", search="random", num_samples=3)
    points = [(t.config.p, t.config.s1, t.config.seed) for t in trials(plan) if not t.is_baseline]
    assert len({point[:2] for point in points}) == 3
    assert {point[2] for point in points} == {0, 1}
    assert all(10 <= p <= 40 and s1 in (1, 2, 3) for p, s1, _ in points)
    assert [trial.key for trial in trials(plan)] == [trial.key for trial in trials(plan)]


def test_a_plan_survives_json():
    plan = sweep("p=10:50", "s1=10,20", search="random")
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(plan)))) == plan


def test_another_setting_is_another_digest():
    digests = {
        plan_digest(sweep("s1=10,20")),
        plan_digest(sweep("s1=10,30")),
        plan_digest(sweep("s1=10,20", seed=1)),
    }
    assert len(digests) == 3


def test_the_key_of_a_trial_depends_on_its_configuration_alone():
    first, again = trials(sweep("s1=10,20")), trials(sweep("s1=20,10"))
    assert {trial.key for trial in first} == {trial.key for trial in again}
    assert len({trial.key for trial in first}) == len(first)


def test_num_trials_counts_what_is_planned():
    assert num_trials(sweep("s1=10,20")) == 6
    assert num_trials(sweep("p=10:50", search="optuna", num_samples=5)) == 12


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"search": "gird"},
            "--search must be one of grid, half, random, optuna, got 'gird', did you mean 'grid'",
        ),
        ({"scheduler": "hyperband"}, "--scheduler must be one of none, asha, pbt"),
        ({"num_samples": 0}, "--samples must be at least 1, got 0"),
        ({"num_seeds": 0}, "--seeds must be at least 1, got 0"),
        ({"scale": "large"}, "--scale must be one of smoke, small, paper, released, got 'large'"),
        ({"scheduler": "pbt", "search": "optuna"}, "--scheduler pbt needs"),
        ({"scheduler": "pbt", "resources": Resources(workers=2)}, "--scheduler pbt needs"),
        ({"overrides": {"s1": 5}}, "s1 is both searched by --space and fixed by --set"),
    ],
)
def test_a_wrong_option_is_named_with_what_would_do(changes, message):
    with pytest.raises(UserError, match=message):
        sweep("s1=10,20", **changes)


def test_the_seed_is_repeated_not_searched():
    with pytest.raises(UserError, match="use --seeds"):
        sweep("seed=1,2")


def test_fixing_a_searched_setting_takes_it_out_of_the_declared_space():
    plan = sweep(overrides={"s1": 7})
    assert "s1" not in plan.space
    assert plan.config.s1 == 7


def test_an_unknown_system_names_the_nearest():
    with pytest.raises(UserError, match="no system 'rerp', did you mean 'repr'"):
        find_system("rerp")


def test_a_plan_of_another_version_is_refused():
    values = plan_to_dict(sweep("s1=10,20"))
    values["config"]["gone"] = 1
    with pytest.raises(UserError, match="repr has no setting 'gone' now"):
        plan_from_dict(values)


def test_configs_are_complete_in_the_plan():
    assert set(plan_to_dict(sweep("s1=10,20"))["config"]) == {
        field.name for field in dataclasses.fields(RePrConfig)
    }
