"""Significance tests agree with sacrebleu's, with exact enumeration, and with the normal case."""

import itertools

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.ter import TER
from sacrebleu.significance import Result, _paired_ar_test

from thesis_workloads.metrics.generation import BLEU_METRIC, TER_METRIC, ratio_score
from thesis_workloads.metrics.significance import approximate_randomisation, bootstrap

WORDS = ["the", "a", "cat", "dog", "sat", "lay", "on", "under", "mat", "rug", "big", "small", "and"]


def systems(seed, *, size=60):
    draws = np.random.default_rng(seed)
    references = [" ".join(draws.choice(WORDS, draws.integers(5, 12))) for _ in range(size)]

    def noisy(rate):
        return [
            " ".join(draws.choice(WORDS) if draws.random() < rate else word for word in text.split())
            for text in references
        ]

    return noisy(0.25), noisy(0.35), references


def peer(metric, baseline, system, references, *, trials, seed):
    statistics = metric._extract_corpus_statistics(baseline, [references])
    known = {"m": (np.array(statistics), Result(metric._aggregate_and_compute(statistics).score))}
    found = _paired_ar_test(known, "s", system, [references], {"m": metric}, n_samples=trials, seed=seed)
    return found[1]["m"].p_value


def both_p_values(ours, theirs, seed):
    baseline, system, references = systems(seed)
    groups = [[reference] for reference in references]
    one, other = (ours.statistics(texts, groups) for texts in (baseline, system))
    found = approximate_randomisation(one, other, ours.score, seed=seed, num_trials=256)
    return found.p_value, peer(theirs, baseline, system, references, trials=256, seed=seed)


@pytest.mark.parametrize("seed", range(4))
def test_randomisation_gives_the_p_value_of_sacrebleu_where_no_trial_ties(seed):
    ours, theirs = both_p_values(BLEU_METRIC, BLEU(tokenize="none", force=True), seed)
    assert ours == theirs


@pytest.mark.parametrize("seed", range(4))
def test_counts_of_edits_tie_so_their_p_value_is_a_little_above_that_of_sacrebleu(seed):
    ours, theirs = both_p_values(TER_METRIC, TER(), seed)
    assert theirs <= ours < theirs + 0.03


def test_randomisation_converges_to_the_share_of_all_swaps():
    draws = np.random.default_rng(1)
    one, other = (np.stack([draws.random(8), np.ones(8)], 1) for _ in range(2))
    observed = abs(one[:, 0].mean() - other[:, 0].mean())
    swaps = [
        abs((np.array(signs) * (one - other)[:, 0]).mean()) for signs in itertools.product((1, -1), repeat=8)
    ]
    exact = np.mean([swap >= observed - 1e-12 for swap in swaps])
    found = approximate_randomisation(one, other, ratio_score, seed=0, num_trials=20_000)
    assert found.p_value == pytest.approx(exact, abs=0.012)


def test_a_system_against_itself_is_not_significant():
    statistics = np.random.default_rng(0).random((50, 2))
    found = approximate_randomisation(statistics, statistics, ratio_score, seed=0, num_trials=500)
    assert (found.difference, found.p_value) == (0.0, 1.0)


def test_outputs_are_swapped_within_a_run_only():
    # Differences of +1, +1, +1 in one run and -1, 0, 0 in the other: 2 of the 6 are observed, and the
    # four that are not 0 swap independently: 2 of 16 swaps give a sum of 4 and 8 the observed 2.
    one = np.array([[[1.0, 1.0]] * 3, [[0.0, 1.0]] * 3])
    other = np.array([[[0.0, 1.0]] * 3, [[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]])
    found = approximate_randomisation(one, other, ratio_score, seed=0, num_trials=10_000)
    assert found.difference == pytest.approx(100 / 3)
    assert found.p_value == pytest.approx(10 / 16, abs=0.02)


def test_all_or_nothing_sentences_reject_a_true_null_no_more_often_than_they_may():
    # Eight sentences that are right or wrong: most swaps tie with the observed difference.
    draws = np.random.default_rng(3)
    rejected = 0
    for number in range(200):
        one, other = (np.stack([draws.integers(2, size=8), np.ones(8)], 1).astype(float) for _ in range(2))
        found = approximate_randomisation(one, other, ratio_score, seed=number, num_trials=500)
        rejected += found.p_value <= 0.05
    assert rejected <= 0.05 * 200


def test_a_tie_in_rounded_sums_counts_as_a_tie():
    one = np.array([[0.1, 1.0], [0.2, 1.0], [0.3, 1.0]])
    found = approximate_randomisation(one, one[::-1], ratio_score, seed=0, num_trials=200)
    assert found.p_value == 1.0


def test_the_bootstrap_variance_of_a_mean_is_that_of_the_sample_over_its_size():
    values = np.random.default_rng(2).random(400)
    found = bootstrap(np.stack([values, np.ones(400)], 1), ratio_score, seed=0, num_trials=4000)
    assert found.variance == pytest.approx(100**2 * values.var() / 400, rel=0.08)
    assert found.low < 100 * values.mean() < found.high


def test_statistics_of_other_sentences_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        approximate_randomisation(np.ones((3, 2)), np.ones((4, 2)), ratio_score, seed=0)
