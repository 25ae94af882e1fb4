import math

import pytest
import scipy.stats

from thesis.reporting.sweeps.ranking import rank, verdict_of
from thesis.reporting.sweeps.trial_values import last_value, searched_keys
from thesis.statistics.intervals import Interval


@pytest.fixture
def three_seeds(make_record):
    """Gives a function that makes the trials of one configuration from its results."""

    def build(name, finals, *, config=None, **options):
        return [
            make_record(f"{name}{seed}", config=config or {"p": name}, final=final, seed=seed, **options)
            for seed, final in enumerate(finals)
        ]

    return build


def baseline_of(three_seeds, finals, config=None):
    return three_seeds("base", finals, config=config or {"p": 30.0, "scheme": "standard"}, is_baseline=True)


def test_the_best_mean_comes_first(three_seeds):
    records = three_seeds("a", [0.90, 0.92]) + three_seeds("b", [0.95, 0.91]) + three_seeds("c", [0.80, 0.99])
    ranking = rank(records)
    assert [row.settings["p"] for row in ranking.rows] == ["b", "a", "c"]
    assert [row.rank for row in ranking.rows] == [1, 2, 3]


def test_a_loss_is_better_the_lower_it_is(three_seeds):
    records = three_seeds("a", [0.9]) + three_seeds("b", [0.8])
    ranking = rank(records, metric="val/accuracy", higher_is_better=False)
    assert ranking.best.settings == {"p": "b"}


def test_seeds_of_one_configuration_are_one_row(three_seeds):
    (row,) = rank(three_seeds("a", [0.90, 0.92, 0.97]), searched=["p"]).rows
    assert row.seeds == (0, 1, 2)
    assert row.selection.mean == pytest.approx(0.93)
    assert row.selection.half_width == pytest.approx(
        scipy.stats.t.ppf(0.975, 2) * scipy.stats.sem([0.90, 0.92, 0.97]), rel=1e-9
    )


def test_the_test_metric_has_its_own_interval(three_seeds):
    (row,) = rank(three_seeds("a", [0.90, 0.92, 0.97])).rows
    assert row.test.mean == pytest.approx(0.92)


def test_the_gain_is_paired_with_the_baseline_of_the_same_seed(three_seeds):
    ours, theirs = [0.91, 0.93, 0.96], [0.90, 0.91, 0.95]
    ranking = rank(three_seeds("a", ours) + baseline_of(three_seeds, theirs))
    expected = scipy.stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert ranking.best.gain.low == pytest.approx(expected.low, rel=1e-9)
    assert ranking.best.test_gain.high == pytest.approx(expected.high, rel=1e-9)


def test_a_steady_gain_is_better_though_the_seeds_differ_widely(three_seeds):
    ranking = rank(three_seeds("a", [0.811, 0.912, 0.71]) + baseline_of(three_seeds, [0.80, 0.90, 0.70]))
    assert ranking.best.verdict == "better"


def test_a_steady_loss_is_worse(three_seeds):
    ranking = rank(three_seeds("a", [0.789, 0.888, 0.69]) + baseline_of(three_seeds, [0.80, 0.90, 0.70]))
    assert ranking.best.verdict == "worse"


def test_a_gain_that_may_be_chance_is_undecided(three_seeds):
    ranking = rank(three_seeds("a", [0.85, 0.89, 0.75]) + baseline_of(three_seeds, [0.80, 0.90, 0.70]))
    assert ranking.best.gain.mean > 0
    assert ranking.best.verdict == "undecided"


def test_one_seed_never_decides(three_seeds):
    ranking = rank(three_seeds("a", [0.99]) + baseline_of(three_seeds, [0.10]))
    assert ranking.best.gain.mean == pytest.approx(0.89)
    assert ranking.best.verdict == "undecided"


def test_equal_differences_do_not_decide_because_they_show_no_spread():
    gain = Interval(mean=0.02, half_width=1e-17, num_values=3)
    assert verdict_of(gain, higher_is_better=True) == "undecided"


def test_less_loss_is_better():
    gain = Interval(mean=-0.5, half_width=0.1, num_values=3)
    assert verdict_of(gain, higher_is_better=False) == "better"


def test_the_baseline_is_ranked_and_flagged(three_seeds):
    ranking = rank(three_seeds("a", [0.9]) + three_seeds("b", [0.7]) + baseline_of(three_seeds, [0.8]))
    assert [row.is_baseline for row in ranking.rows] == [False, True, False]
    assert (ranking.baseline.rank, ranking.baseline.verdict) == (2, "baseline")


def test_settings_that_a_baseline_ignores_neither_split_nor_describe_it(make_record):
    records = [
        make_record(f"b{p}", config={"p": p, "optimizer": "sgd"}, is_baseline=True, seed=seed)
        for seed, p in enumerate((10.0, 30.0))
    ]
    (row,) = rank(records, searched=["p", "optimizer"], baseline_ignores=["p"]).rows
    assert row.settings == {"optimizer": "sgd"}
    assert row.seeds == (0, 1)


def test_every_optimizer_is_compared_with_its_own_baseline(three_seeds):
    records = []
    for optimizer, ours, theirs in (("sgd", 0.8, 0.7), ("adam", 0.9, 0.95)):
        records += three_seeds(optimizer, [ours], config={"optimizer": optimizer, "p": 30.0})
        records += baseline_of(three_seeds, [theirs], config={"optimizer": optimizer, "p": 30.0})
    gains = {row.settings["optimizer"]: row.gain.mean for row in rank(records).rows if not row.is_baseline}
    assert gains == {"sgd": pytest.approx(0.1), "adam": pytest.approx(-0.05)}


def test_what_a_scheduler_stopped_comes_after_all_that_finished(three_seeds):
    records = three_seeds("a", [0.99], status="stopped", epochs=5) + three_seeds("b", [0.5])
    ranking = rank(records)
    assert [row.status for row in ranking.rows] == ["finished", "stopped"]
    assert ranking.rows[1].gain is None


def test_stopped_trials_do_not_count_beside_finished_ones(make_record):
    records = [
        make_record("a", config={"p": 1}, final=0.9, seed=0),
        make_record("b", config={"p": 1}, final=0.1, seed=1, status="stopped", epochs=4),
    ]
    (row,) = rank(records).rows
    assert (row.selection.mean, row.seeds, row.num_stopped) == (0.9, (0,), 1)


def test_failed_trials_are_counted_and_have_no_numbers(make_record):
    records = [
        make_record("a", config={"p": 1}, final=0.9, seed=0),
        make_record("b", config={"p": 1}, status="failed", epochs=3, seed=1),
        make_record("c", config={"p": 2}, status="failed", epochs=0, seed=0),
    ]
    ranking = rank(records)
    assert ranking.num_failed == 2
    assert (ranking.rows[0].num_failed, ranking.rows[0].seeds) == (1, (0,))
    assert (ranking.rows[1].status, ranking.rows[1].selection) == ("failed", None)


def test_killed_and_running_trials_are_unfinished(make_record):
    records = [make_record(name, config={"p": 1}, status=name, epochs=2) for name in ("killed", "running")]
    (row,) = rank(records).rows
    assert (row.num_unfinished, row.selection) == (2, None)


def test_a_last_value_that_is_not_finite_is_no_value(make_record):
    record = make_record(final=math.nan)
    assert last_value(record, "val/accuracy") is None


def test_the_last_epoch_counts_and_not_the_best(make_record):
    record = make_record(final=0.5)
    record.history[3]["val/accuracy"] = 0.99
    assert last_value(record, "val/accuracy") == 0.5


def test_a_configuration_drawn_twice_with_one_seed_is_one_value(make_record):
    records = [make_record(name, config={"p": 1}, final=final) for name, final in (("a", 0.8), ("b", 0.9))]
    (row,) = rank(records).rows
    assert row.selection.mean == pytest.approx(0.85)
    assert row.selection.half_width is None


def test_searched_keys_are_those_that_differ_between_trials(make_sweep):
    assert searched_keys(make_sweep({"s1": [5, 10], "n": [3], "p": [10.0, 30.0]})) == ("s1", "p")


def test_a_sweep_of_which_nothing_finished_has_no_best(three_seeds):
    ranking = rank(three_seeds("a", [0.5], status="killed"))
    assert ranking.best is None
    assert ranking.baseline is None
