"""Corpus scores of generated sentences, kept as statistics per sentence (section 7.5.1).

BLEU and TER are sacrebleu's: its statistics per sentence, and its formulas over many sums of them at once,
so that a significance test recounts nothing. Sentences are words separated by single spaces, in lower case;
BLEU adds no tokenisation of its own ("tok:none").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.ter import TER

Floats = NDArray[np.float64]

MAX_ORDER = 4  # longest n-gram of BLEU


@dataclass(frozen=True, kw_only=True)
class CorpusMetric:
    """A score that is a function of sums over sentences."""

    name: str  # which implementation and parameters, for tables
    higher_is_better: bool
    statistics: Callable[[Sequence[str], Sequence[Sequence[str]]], Floats]
    """Hypotheses and their references (one or more each) -> (N, K)."""
    score: Callable[[Floats], Floats]
    """Sums of statistics (..., K) -> scores (...)."""

    def __call__(self, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> float:
        """Returns the score of a corpus."""
        return float(self.score(self.statistics(hypotheses, references).sum(0)))


def check_corpus(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    """Returns if there is a reference for every hypothesis.

    Raises:
        ValueError: if there is not, or there is nothing to score.
    """
    if len(hypotheses) != len(references) or not hypotheses or not all(references):
        raise ValueError(
            f"every hypothesis must have a reference, got {len(hypotheses)=} {len(references)=}"
            f" with {sum(not each for each in references)} empty"
        )


def bleu_statistics(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
    """Returns length, length of the closest reference, matches and totals of 1- to 4-grams, (N, 10)."""
    check_corpus(hypotheses, references)
    metric = BLEU(tokenize="none", force=True, effective_order=True)
    rows = []
    for hypothesis, group in zip(hypotheses, references, strict=True):
        found = metric.sentence_score(hypothesis, list(group))
        rows.append([found.sys_len, found.ref_len, *found.counts, *found.totals])
    return np.array(rows, dtype=np.float64)


def bleu_score(sums: Floats) -> Floats:
    """Returns BLEU in 0..100 of sums (..., 10): sacrebleu's default, with its exponential smoothing."""
    length, reference = sums[..., 0], sums[..., 1]
    matches, totals = sums[..., 2 : 2 + MAX_ORDER], sums[..., 2 + MAX_ORDER :]
    is_zero = matches == 0
    smooth = 2.0 ** np.cumsum(is_zero, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precisions = np.where(is_zero, 1 / (smooth * totals), matches / totals)
        # Without any n-gram of an order there is no precision, and no score.
        mean = np.where((totals == 0).any(-1), -np.inf, np.log(precisions).mean(-1))
        penalty = np.where(length < reference, 1 - reference / length, 0.0)
        found: Floats = np.where((matches == 0).all(-1), 0.0, 100 * np.exp(mean + penalty))
    return found


def ter_statistics(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
    """Returns the fewest edits to any reference and the references' mean length, (N, 2)."""
    check_corpus(hypotheses, references)
    metric = TER()
    rows = []
    for hypothesis, group in zip(hypotheses, references, strict=True):
        found = metric.sentence_score(hypothesis, list(group))
        rows.append([found.num_edits, found.ref_length])
    return np.array(rows, dtype=np.float64)


def ratio_score(sums: Floats) -> Floats:
    """Returns 100 times the first sum over the second; 0 where the second is 0, or 100 if only that is."""
    first, second = sums[..., 0], sums[..., 1]
    found: Floats = np.divide(100 * first, second, out=np.where(first > 0, 100.0, 0.0), where=second > 0)
    return found


BLEU_METRIC = CorpusMetric(
    name="BLEU (sacrebleu, tok:none, smooth:exp)",
    higher_is_better=True,
    statistics=bleu_statistics,
    score=bleu_score,
)

TER_METRIC = CorpusMetric(
    name="TER (sacrebleu, lower case)",
    higher_is_better=False,
    statistics=ter_statistics,
    score=ratio_score,
)
