"""Whether two systems differ by more than chance, from statistics per sentence (section 7.5.1).

Approximate randomisation as in Clark, Dyer, Lavie and Smith (ACL 2011), whose program the dissertation used. Two-sided
p: (trials at least as large as the difference + 1) / (trials + 1). Trials that tie with the difference count (Noreen,
"Computer-Intensive Methods for Testing Hypotheses", 1989): without them, as in sacrebleu, few all-or-nothing sentences
reject a true null far too often. With several runs per system the randomisation is stratified: the systems swap a
sentence's outputs within a run, never between runs.

What p says: whether these very networks differ beyond the choice of the test sentences. It says nothing about other
seeds. Where networks of one system differ by seed, two equal systems are found different nearly always; for systems
compare means over seeds.

Statistics are added up by matrix products, in slices of trials that bound the memory.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.metrics.generation import Floats

Score = Callable[[Floats], Floats]
"""Sums of statistics (..., K) -> scores (...)."""

_TRIALS_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The networks of two systems on one test set."""

    difference: float  # score of the first minus score of the second, mean over runs
    p_value: float  # of these networks over test sentences, not over seeds


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A score under resampling of the test sentences."""

    mean: float
    variance: float  # in points squared (table 7.5)
    low: float  # 95% interval
    high: float


def approximate_randomisation(
    first: Floats, second: Floats, score: Score, *, seed: int, num_trials: int = 10_000
) -> Comparison:
    """Returns the share of random swaps of outputs that give a difference at least as large as the observed one.

    The p-value speaks of these very networks on other sentences, not of other seeds.

    Args:
        first: statistics (N, K), or (R, N, K) of several runs.
        second: those of the other system on the same sentences.
        score: from sums to scores.
        seed: of the swaps.
        num_trials: swaps of the whole test set.

    Raises:
        ValueError: if the shapes differ.
    """
    first, second = _runs(first, second)
    runs, sentences, _ = first.shape
    sums, total = second.sum(1)[:, None], (first + second).sum(1)[:, None]
    observed = float((score(first.sum(1)) - score(second.sum(1))).mean())
    draws = np.random.default_rng(seed)
    beyond = 0
    for done in range(0, num_trials, _TRIALS_AT_ONCE):
        size = (min(_TRIALS_AT_ONCE, num_trials - done), runs, sentences)
        is_kept = draws.integers(2, size=size, dtype=bool).swapaxes(0, 1).astype(np.float64)
        one = sums + is_kept @ (first - second)  # (R, trials, K)
        found = np.abs((score(one) - score(total - one)).mean(0))
        # Another order of adding changes the last digits of a sum: that is still a tie.
        beyond += int((found >= abs(observed) - 1e-9).sum())
    return Comparison(difference=observed, p_value=(beyond + 1) / (num_trials + 1))


def bootstrap(statistics: Floats, score: Score, *, seed: int, num_trials: int = 1000) -> Spread:
    """Returns a score's mean, variance and interval over resamples of the test set (table 7.5)."""
    found = np.sort(resampled(statistics, score, seed=seed, num_trials=num_trials))
    cut = num_trials // 40
    return Spread(
        mean=float(found.mean()),
        variance=float(found.var(ddof=1)) if num_trials > 1 else 0.0,
        low=float(found[cut]),
        high=float(found[num_trials - cut - 1]),
    )


def resampled(statistics: Floats, score: Score, *, seed: int, num_trials: int) -> Floats:
    """Returns the scores (num_trials,) of test sets drawn with replacement, mean over runs.

    The draws depend on seed, number of sentences and trials alone: every system meets the same.
    """
    runs = statistics if statistics.ndim == 3 else statistics[None]
    sentences = runs.shape[1]
    draws = np.random.default_rng(seed)
    parts = []
    for done in range(0, num_trials, _TRIALS_AT_ONCE):
        size = min(_TRIALS_AT_ONCE, num_trials - done)
        chosen = draws.choice(sentences, size=(size, sentences), replace=True)
        times = _times_chosen(chosen, sentences)
        parts.append(score(times @ runs).mean(0))
    found: Floats = np.concatenate(parts)
    return found


def _times_chosen(chosen: NDArray[np.int64], sentences: int) -> Floats:
    rows = np.arange(len(chosen))[:, None] * sentences
    counts = np.bincount((chosen + rows).ravel(), minlength=len(chosen) * sentences)
    found: Floats = counts.reshape(len(chosen), sentences).astype(np.float64)
    return found


def _runs(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    if first.shape != second.shape or first.ndim not in (2, 3):
        raise ValueError(
            f"statistics must have one shape (N, K) or (R, N, K), got {first.shape=} {second.shape=}"
        )
    return (first, second) if first.ndim == 3 else (first[None], second[None])
