"""BLEU and TER from statistics per sentence are sacrebleu's corpus scores."""

import numpy as np
import pytest
import sacrebleu

from thesis_workloads.metrics.generation import BLEU_METRIC, TER_METRIC, bleu_score, ratio_score

WORDS = ["the", "a", "cat", "dog", "sat", "lay", "on", "under", "mat", "rug", "big", "small", "and"]


def corpus(size, seed, *, references=3):
    draws = np.random.default_rng(seed)
    sentences = [" ".join(draws.choice(WORDS, draws.integers(1, 12))) for _ in range(size)]
    groups = []
    for sentence in sentences:
        words = sentence.split()
        groups.append([" ".join(w for w in words if draws.random() > 0.3) or "a" for _ in range(references)])
    return sentences, groups


def columns(groups):
    return [list(column) for column in zip(*groups, strict=True)]


@pytest.mark.parametrize("seed", range(5))
def test_bleu_is_that_of_sacrebleu(seed):
    hypotheses, references = corpus(30, seed)
    expected = sacrebleu.corpus_bleu(hypotheses, columns(references), tokenize="none", force=True)
    assert BLEU_METRIC(hypotheses, references) == pytest.approx(expected.score, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_ter_is_that_of_sacrebleu(seed):
    hypotheses, references = corpus(20, seed)
    expected = sacrebleu.corpus_ter(hypotheses, columns(references))
    assert TER_METRIC(hypotheses, references) == pytest.approx(expected.score, abs=1e-9)


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("the cat sat on the mat today", "the cat lay under a rug today"),  # no match of two orders
        ("the cat", "the cat"),  # no 3-gram at all
        ("dog", "the cat sat on the mat"),  # no match
        ("the cat sat on the mat", "the cat sat on the mat"),
    ],
)
def test_bleu_of_one_sentence_is_that_of_sacrebleu(hypothesis, reference):
    expected = sacrebleu.corpus_bleu([hypothesis], [[reference]], tokenize="none", force=True)
    assert BLEU_METRIC([hypothesis], [[reference]]) == pytest.approx(expected.score, abs=1e-9)


def test_scores_of_many_sums_at_once_are_those_of_each():
    statistics = np.stack([BLEU_METRIC.statistics(*corpus(10, seed)).sum(0) for seed in range(6)])
    assert bleu_score(statistics).tolist() == [float(bleu_score(row)) for row in statistics]


def test_a_ratio_without_a_reference_is_a_hundred_if_there_is_anything_to_edit():
    assert ratio_score(np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 4.0]])).tolist() == [0.0, 100.0, 25.0]


def test_a_hypothesis_without_a_reference_is_refused():
    with pytest.raises(ValueError, match="1 empty"):
        BLEU_METRIC(["a", "b"], [["a"], []])
