import pickle
from types import SimpleNamespace

import pytest
from ray import tune

from thesis.execution.storage.run_folder import create_run
from thesis.execution.training.search import BaselineExemptASHA, SeedAveragedOptuna, make_scheduler
from thesis.execution.training.sweep import _make_tuner
from thesis.experiments.plan import Resources, make_sweep
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system


def a_trial(key, learning_rate, p=30.0, **others):
    settings = {"learning_rate": learning_rate, "p": p, **others}
    return SimpleNamespace(config={"trial": {"key": key, "is_baseline": False, "config": settings}})


def a_plan():
    return make_sweep(
        find_system("repr"),
        scale="small",
        overrides={},
        space={},
        search="random",
        scheduler="pbt",
        num_samples=2,
        num_seeds=1,
        seed=0,
        resources=Resources(),
    )


def a_scheduler():
    return make_scheduler(a_plan())


def test_a_trial_that_takes_over_another_keeps_its_own_name():
    scheduler = a_scheduler()
    new, _ = scheduler._get_new_config(a_trial("trial-weak", 1e-5), a_trial("trial-strong", 0.05))
    assert new["trial"]["key"] == "trial-weak"


def test_a_changed_setting_stays_within_its_declared_range():
    scheduler, bound = a_scheduler(), find_system("repr").changeable["learning_rate"]
    top = a_trial("trial-strong", bound.high)
    rates = [
        scheduler._get_new_config(a_trial("trial-weak", bound.low), top)[0]["trial"]["config"][
            "learning_rate"
        ]
        for _ in range(50)
    ]
    assert max(rates) <= bound.high
    assert min(rates) >= bound.low


def test_a_change_that_the_network_does_not_allow_is_not_made():
    # Of the 16 filters of c2-8 the first 8 stay, and one of the others: at most 7 may go, p% of them rounded.
    scheduler = a_scheduler()
    strong = a_trial("trial-strong", 0.05, p=43.0, model="c2-8")
    settings = [
        scheduler._get_new_config(a_trial("trial-weak", 0.01, model="c2-8"), strong)[0]["trial"]["config"]
        for _ in range(50)
    ]
    assert max(each["p"] for each in settings) < 100 * 7.5 / 16
    assert min(each["p"] for each in settings) < 43.0
    assert {"model": "c2-8", "learning_rate": 0.05, "p": 43.0} in settings


def test_a_control_is_never_measured_by_a_scheduler():
    control = a_trial("control-dropout", 0.01)
    control.config["trial"]["control"] = "dropout"
    result = {"epoch": 30, "val/accuracy": 0.1}
    goes_on = tune.schedulers.TrialScheduler.CONTINUE
    assert a_scheduler().on_trial_result(None, control, result) == goes_on


def test_optuna_runs_the_controls_before_it_proposes_points():
    plan = make_sweep(
        find_system("repr"),
        scale="small",
        overrides={},
        space={},
        search="optuna",
        scheduler="none",
        num_samples=1,
        num_seeds=2,
        seed=0,
        resources=Resources(),
        with_controls=True,
    )
    searcher = SeedAveragedOptuna(plan)
    issued = [searcher.suggest(f"t{number}")["trial"] for number in range(14)]
    assert [trial["control"] for trial in issued[:10:2]] == [
        "weight decay",
        "dropout",
        "random filters",
        "later layers",
        "reverse ranking",
    ]
    assert {trial["control"] for trial in issued[10:]} == {""}
    assert searcher.suggest("last") == "FINISHED"


def test_a_search_that_another_version_stored_is_refused_in_one_line(tmp_path, train_plan):
    """Tune's state names classes; here one that is no longer there."""
    folder, _ = create_run(tmp_path, train_plan(), fresh=True, extra={})
    state = folder.ray / "tune"
    state.mkdir(parents=True)
    stored = pickle.dumps({"scheduler": BaselineExemptASHA}, protocol=0)
    (state / "tuner.pkl").write_bytes(stored.replace(b"BaselineExemptASHA", b"SparingAsha"))
    with pytest.raises(UserError, match=r"started by another version.*SparingAsha.*--fresh"):
        _make_tuner(folder, str(folder.ray), a_plan(), lambda config: None, None, frozenset())
