"""What one comparison shows, against scipy and statsmodels on made-up samples."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from thesis.paper.multiplicity import false_discovery, holm
from thesis.paper.power import detectable_effect, samples_needed
from thesis.results.measured_tables import MeasuredData

PRINTED_GAIN = 76.4 - 76.0  # of ortho over the oracle in table 5.1


@pytest.fixture
def evidence(judged, make_table):
    """The evidence of one order: ortho better than the oracle, both in percent."""

    def make(ortho, oracle, **options):
        rows = {("ortho",): {"accuracy": ortho}, ("oracle",): {"accuracy": oracle}}
        table = make_table("table-5.1", rows, keys=("metric",), **options)
        return judged("repr.ortho-beats-oracle", table).findings[0].evidence

    return make


@pytest.fixture
def pairs():
    generator = np.random.default_rng(3)
    base = generator.normal(70, 2, 8)
    return base + generator.normal(0.3, 0.4, 8), base


def test_the_p_values_are_those_of_the_paired_t_test(evidence, pairs):
    found = evidence(*pairs)
    expected = stats.ttest_rel(*pairs)
    assert found.p_for == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.p_against == 1.0
    assert evidence(*pairs[::-1]).p_against == pytest.approx(expected.pvalue, rel=1e-9)


def test_a_p_value_is_where_the_interval_stops_excluding_zero(evidence, pairs):
    found = evidence(*pairs)
    low, _ = found.estimate.interval(1 - found.p_for)
    assert low == pytest.approx(0, abs=1e-9)


def test_equivalence_is_that_of_two_one_sided_tests(evidence, pairs):
    found = evidence(*pairs)
    assert found.smallest_difference == 0.5
    assert found.p_equivalence == pytest.approx(ttost_paired(*pairs, -0.5, 0.5)[0], rel=1e-9)


def test_equivalence_of_samples_without_pairs_is_welchs(make_table, judged):
    generator = np.random.default_rng(4)
    here, there = generator.normal(70, 0.4, 12), generator.normal(70.05, 0.3, 10)
    table = make_table(
        "table-5.1",
        {("ortho",): {"accuracy": here}, ("oracle",): {"accuracy": there}},
        keys=("metric",),
        row_data={("oracle",): MeasuredData(name="digits-300", version="1.7", digest="another draw")},
    )
    found = judged("repr.ortho-beats-oracle", table).findings[0].evidence
    expected = ttost_ind(here, there, -0.5, 0.5, usevar="unequal")[0]
    assert found.p_equivalence == pytest.approx(expected, rel=1e-6)


def test_the_spread_is_the_standard_deviation_of_the_pairs(evidence, pairs):
    assert evidence(*pairs).estimate.deviation == pytest.approx(np.std(pairs[0] - pairs[1], ddof=1))


def test_the_detectable_difference_is_detected_in_80_percent_of_cases(evidence, pairs):
    found = evidence(*pairs)
    effect = found.detectable / found.estimate.deviation
    draws = np.random.default_rng(0).normal(effect, 1, (20_000, 8))
    assert np.mean(stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("num_samples", "effect"), [(3, 3.26), (5, 1.68), (8, 1.16), (10, 1.00), (20, 0.66)])
def test_the_detectable_effect_is_that_of_the_noncentral_t_distribution(num_samples, effect):
    assert detectable_effect(num_samples) == pytest.approx(effect, abs=0.005)


@pytest.mark.parametrize("effect", [0.2, 0.5, 1.0, 3.0, 40.0])
def test_the_samples_needed_are_the_fewest_with_the_power(effect):
    needed = samples_needed(effect)
    assert needed == 2 or TTestPower().power(effect, needed - 1, 0.05) < 0.8
    assert needed < 4 or TTestPower().power(effect, needed, 0.05) >= 0.8


def test_no_number_of_samples_shows_a_difference_of_zero():
    assert samples_needed(0) == math.inf
    assert samples_needed(0.001) == math.inf


def test_the_seeds_needed_are_for_the_published_difference(evidence, pairs):
    found = evidence(*pairs)
    assert found.published == pytest.approx(PRINTED_GAIN)
    assert found.needed == samples_needed(PRINTED_GAIN / found.estimate.deviation)


def test_a_published_size_can_be_excluded_while_the_sign_is_open(judged, evidence, make_table):
    rows = {("ortho",): {"accuracy": [70.3, 70.9, 72.2]}, ("oracle",): {"accuracy": [70.2, 71.0, 72.1]}}
    found = judged("repr.ortho-beats-oracle", make_table("table-5.1", rows, keys=("metric",)))
    assert found.verdict == "undecided"
    assert found.findings[0].evidence.is_published_excluded
    assert "the published 0.4 is excluded: at most 0.32" in found.why
    assert not evidence([70.3, 72.9, 72.2], [70.2, 71.0, 74.1]).is_published_excluded


def test_undecided_says_what_could_have_been_seen(judged, make_table):
    rows = {("ortho",): {"accuracy": [70, 72.9, 72.2]}, ("oracle",): {"accuracy": [70.2, 71.0, 74.1]}}
    why = judged("repr.ortho-beats-oracle", make_table("table-5.1", rows, keys=("metric",))).why
    assert "3 seeds detect 6.21 in 80 % of cases; the published 0.4 needs 180 seeds" in why


def test_a_printed_number_is_one_run_and_is_judged_by_a_prediction_interval(judged, make_table):
    def judge(values):
        rows = {("standard", "c3-32", "cifar-10"): {"test_accuracy": values}}
        table = make_table("measures-repr", rows, keys=("training", "network", "dataset"))
        return judged("repr.standard-c3-accuracy", table).findings[0]

    values = np.array([74.3, 75.0, 74.6, 75.3, 74.7])  # 73 +-1 is outside their mean's interval
    found = judge(values).evidence
    half = stats.t.ppf(0.975, 4) * values.std(ddof=1) * math.sqrt(1 + 1 / 5)
    assert found.judged.interval() == pytest.approx((values.mean() - 73 - half, values.mean() - 73 + half))
    assert found.estimate.interval()[0] > 1
    assert judge(values).verdict == "undecided"
    assert judge(values + 2).verdict == "does not hold"
    assert judge(73 + (values - values.mean()) / 9).verdict == "holds"


def test_a_prediction_interval_covers_a_further_run_in_95_percent_of_cases():
    draws = np.random.default_rng(1).normal(0, 1, (20_000, 6))
    first, further = draws[:, :5], draws[:, 5]
    half = stats.t.ppf(0.975, 4) * first.std(axis=1, ddof=1) * math.sqrt(1 + 1 / 5)
    assert np.mean(abs(further - first.mean(axis=1)) < half) == pytest.approx(0.95, abs=0.005)


def test_corrections_are_those_of_statsmodels_and_of_the_definition():
    raw = [0.04, 0.001, 0.03, 0.5]
    assert holm(raw) == pytest.approx([0.09, 0.004, 0.09, 0.5])
    assert false_discovery(raw) == pytest.approx([4 / 3 * 0.04, 0.004, 4 / 3 * 0.04, 0.5])
    assert holm(raw) == pytest.approx(list(multipletests(raw, method="holm")[1]))
    assert (holm([]), false_discovery([])) == ([], [])
