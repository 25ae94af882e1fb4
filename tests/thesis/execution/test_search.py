from types import SimpleNamespace

from thesis.execution.search import make_scheduler
from thesis.experiments.catalog import find_system
from thesis.experiments.plan import Resources, make_sweep


def a_trial(key, learning_rate):
    return SimpleNamespace(
        config={
            "trial": {"key": key, "is_baseline": False, "config": {"learning_rate": learning_rate, "p": 30.0}}
        }
    )


def a_scheduler():
    plan = make_sweep(
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
    return make_scheduler(plan)


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
