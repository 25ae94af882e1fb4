import numpy as np
import pytest
import scipy.stats

from thesis.statistics.intervals import paired_interval, t_interval


@pytest.mark.parametrize(
    "values", [[0.9, 0.95], [1.0, 2.0, 4.0], list(np.random.default_rng(0).normal(size=30))]
)
def test_the_interval_is_scipys(values):
    interval = t_interval(values)
    low, high = scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), scipy.stats.sem(values))
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9)


def test_three_values_by_hand():
    interval = t_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2
    assert interval.half_width == pytest.approx(4.302653 / 3**0.5, rel=1e-6)  # t(2) from the printed tables


def test_one_value_has_no_width():
    assert t_interval([0.5]).half_width is None


def test_no_value_has_no_interval():
    assert t_interval([]) is None


def test_ninety_five_of_a_hundred_intervals_hold_the_truth():
    draws = np.random.default_rng(1).normal(size=(4_000, 5))
    held = [(interval := t_interval(list(row))).low <= 0 <= interval.high for row in draws]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)  # 3.5 deviations of a proportion of 4,000


def test_the_paired_interval_is_that_of_scipys_paired_test():
    ours, theirs = {0: 0.95, 1: 0.93, 2: 0.97, 3: 0.96}, {0: 0.94, 1: 0.91, 2: 0.97, 3: 0.93}
    interval = paired_interval(ours, theirs)
    expected = scipy.stats.ttest_rel(list(ours.values()), list(theirs.values())).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_only_shared_seeds_are_paired():
    interval = paired_interval({0: 1.0, 1: 2.0, 5: 100.0}, {1: 1.5, 0: 0.0, 7: -100.0})
    assert (interval.mean, interval.num_values) == (0.75, 2)


def test_without_a_shared_seed_there_is_no_gain():
    assert paired_interval({0: 1.0}, {1: 1.0}) is None
