"""Intervals, beside scipy's own tests."""

import numpy as np
import pytest
from scipy import stats

from thesis.paper.jackknife import TooFewSamplesError, estimate
from thesis.results.measured_tables import Samples

RANDOM = np.random.default_rng(5)


def seeds(values, start=0, unit="seed"):
    return Samples(values={str(index + start): float(value) for index, value in enumerate(values)}, unit=unit)


def difference(means):
    return means[0] - means[1]


@pytest.mark.parametrize("confidence", [0.95, 0.999])
def test_a_difference_over_shared_seeds_is_the_paired_t_interval(confidence):
    a, b = RANDOM.normal(5, 1, 7), RANDOM.normal(4, 2, 7)
    found = estimate([seeds(a), seeds(b)], ["g", "g"], difference)
    expected = stats.ttest_rel(a, b).confidence_interval(confidence)
    assert found.interval(confidence) == pytest.approx((expected.low, expected.high))


def test_a_difference_over_separate_seeds_is_welchs_interval():
    a, b = RANDOM.normal(5, 1, 7), RANDOM.normal(4, 2, 4)
    found = estimate([seeds(a), seeds(b)], ["g", "other"], difference)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert found.interval() == pytest.approx((expected.low, expected.high))


def test_a_ratio_agrees_with_the_bootstrap():
    a, b = RANDOM.normal(20, 2, 200), RANDOM.normal(10, 1, 200)
    found = estimate([seeds(a, unit="image"), seeds(b, unit="image")], ["g", "g"], lambda m: m[0] / m[1])
    booted = stats.bootstrap((a, b), lambda x, y, axis=-1: x.mean(axis=axis) / y.mean(axis=axis), paired=True,
                             n_resamples=2000, rng=np.random.default_rng(0)).confidence_interval  # fmt: skip
    assert found.interval() == pytest.approx((booted.low, booted.high), abs=0.01)


def test_a_maximum_takes_the_larger_of_two_means():
    a, b = seeds([1, 2, 3]), seeds([11, 12, 13.5])
    found = estimate([a, b], ["g", "g"], lambda m: np.maximum(m[0], m[1]))
    assert found.value == pytest.approx(b.mean)


def test_seeds_that_one_side_lacks_are_left_out():
    found = estimate([seeds([1, 2, 90]), seeds([0, 0.5])], ["g", "g"], difference)
    assert (found.value, found.num_samples) == (1.25, 2)


def test_images_that_one_side_lacks_count_for_the_other():
    a, b = seeds([1, 2, 3, 4], unit="image"), seeds([1, 2], unit="image")
    assert estimate([a, b], ["g", "g"], difference).value == 1.0


@pytest.mark.parametrize("other", [seeds([1.0]), seeds([1.0, 2.0], start=8)])
def test_fewer_than_two_shared_seeds_show_no_spread(other):
    with pytest.raises(TooFewSamplesError, match="fewer than two shared seeds"):
        estimate([seeds([1.0, 2.0]), other], ["g", "g"], difference)


def test_a_difference_that_coincides_over_seeds_while_its_sides_vary_is_no_proof():
    a, b = seeds([0.2, 0.25, 0.23]), seeds([0.1, 0.15, 0.13])
    with pytest.raises(TooFewSamplesError, match="coincidence"):
        estimate([a, b], ["g", "g"], difference)


def test_counts_that_no_seed_changes_have_no_width():
    found = estimate([seeds([70, 70, 70]), seeds([20, 20, 20])], ["g", "g"], difference)
    assert found.interval() == (50.0, 50.0)


def test_exact_numbers_have_no_width():
    cells = [Samples(values={"count": value}, unit="exact") for value in (3.0, 2.0)]
    assert estimate(cells, ["g", "g"], difference).interval() == (1.0, 1.0)


def test_an_exact_number_adds_no_width_to_another():
    a = RANDOM.normal(5, 1, 6)
    found = estimate([seeds(a), Samples(values={"c": 2.0}, unit="exact")], ["g", "g"], difference)
    expected = stats.ttest_1samp(a, 2.0).confidence_interval()
    assert found.interval() == pytest.approx((expected.low - 0, expected.high - 0), abs=2.001)
    assert found.standard_error == pytest.approx(stats.sem(a))


def test_images_that_are_all_right_twice_are_no_proof_of_equality():
    both = [seeds([100] * 17, unit="image"), seeds([100] * 17, unit="image")]
    assert estimate(both, ["g", "g"], difference).interval() == pytest.approx((-300 / 17, 300 / 17))


def test_images_of_which_many_differ_need_no_slack():
    a, b = seeds([1] * 12 + [0] * 8, unit="image"), seeds([0] * 20, unit="image")
    assert estimate([a, b], ["g", "g"], difference).slack == 0


def test_a_division_by_zero_is_no_number():
    a, b = seeds([1, 2, 3]), seeds([0, 0, 0])
    with pytest.raises(TooFewSamplesError, match="zero"):
        estimate([a, b], ["g", "g"], lambda m: m[0] / m[1])
