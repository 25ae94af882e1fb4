"""Looking after every seed: the error rate holds, and the interval is the test turned round."""

import numpy as np
import pytest
from scipy import integrate, stats

from thesis.paper.sequential import SCALE, anytime_p, anytime_quantile, log_bayes_factor


def test_the_factor_is_the_ratio_of_the_two_likelihoods_of_t():
    ratio, n = 2.3, 7
    alternative, _ = integrate.quad(
        lambda effect: stats.nct.pdf(ratio, n - 1, effect * np.sqrt(n)) * stats.norm.pdf(effect, 0, SCALE),
        -16,
        16,
    )
    expected = np.log(alternative / stats.t.pdf(ratio, n - 1))
    assert log_bayes_factor(ratio, num_samples=n, degrees=n - 1) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("num_samples", [5, 10, 30])
def test_the_interval_ends_where_the_p_value_is_alpha(num_samples):
    quantile = anytime_quantile(0.05, num_samples=num_samples, degrees=num_samples - 1)
    p = anytime_p(quantile, num_samples=num_samples, degrees=num_samples - 1)
    assert p == pytest.approx(0.05)
    assert quantile > stats.t.ppf(0.975, num_samples - 1)


def test_two_seeds_exclude_nothing():
    assert anytime_quantile(0.05, num_samples=2, degrees=1) == np.inf


def test_looking_after_each_of_thirty_seeds_is_wrong_in_at_most_5_percent_of_cases():
    draws = np.random.default_rng(5).normal(size=(2_000, 30))
    is_anytime_wrong, is_t_wrong = np.zeros(2_000, bool), np.zeros(2_000, bool)
    for n in range(3, 31):
        t = draws[:, :n].mean(1) / (draws[:, :n].std(1, ddof=1) / np.sqrt(n))
        is_anytime_wrong |= abs(t) > anytime_quantile(0.05, num_samples=n, degrees=n - 1)
        is_t_wrong |= abs(t) > stats.t.ppf(0.975, n - 1)
    assert is_anytime_wrong.mean() < 0.05
    assert is_t_wrong.mean() > 0.2  # which is why the t test cannot be looked at so


def test_a_table_whose_seeds_were_added_by_looking_is_judged_at_any_time(judged, make_table):
    import dataclasses

    rows = {("ortho",): {"accuracy": [70.3, 71.2, 72.4, 73.1]}, ("oracle",): {"accuracy": [70, 71, 72, 73]}}
    table = make_table("table-5.1", rows, keys=("metric",))
    claim = "repr.ortho-beats-oracle"
    fixed = judged(claim, table)
    looked = judged(claim, dataclasses.replace(table, is_sequential=True))
    assert (fixed.verdict, looked.verdict) == ("holds", "undecided")
    assert looked.p_value > fixed.p_value
