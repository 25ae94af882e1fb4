"""METEOR by its formula, by search over all alignments, and against nltk's."""

import itertools

import numpy as np
import pytest
from nltk.stem import SnowballStemmer
from nltk.translate.meteor_score import single_meteor_score

from thesis_workloads.metrics.meteor import align, meteor_metric, num_chunks, read_wordnet


class NoWordNet:
    """WordNet as nltk asks for it, without any synonym."""

    def synsets(self, word):
        return []


def score(hypothesis, *references, **options):
    return meteor_metric(**options)([hypothesis], [references])


def test_a_hand_computed_case():
    # "sat" and "mats" link by word and stem: m = 5 of 6 and 6 words, chunks "the cat sat on" and "mats".
    f = (5 / 6) * (5 / 6) / (0.81 * 5 / 6 + 0.19 * 5 / 6)
    expected = 100 * f * (1 - 0.28 * (2 / 5) ** 0.83)
    assert score("the cat sat on red mats", "the cat sat on his mat") == pytest.approx(expected)


def test_the_same_sentence_is_penalised_for_one_chunk_only():
    assert score("a b c d", "a b c d") == pytest.approx(100 * (1 - 0.28 * (1 / 4) ** 0.83))


def test_nothing_in_common_scores_zero():
    assert score("a b", "c d") == 0.0


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("the cat sat quietly on a mat", "on a mat the cat was sitting quietly"),
        ("he gave praise to king david", "he was giving praises to david"),
        ("walking dogs run", "the dog walked and ran"),
        ("completely different", "nothing shared here"),
        ("one two three four five", "five four three two one"),
    ],
)
def test_sentences_without_repeated_words_score_as_in_nltk(hypothesis, reference):
    expected = single_meteor_score(
        reference.split(),
        hypothesis.split(),
        stemmer=SnowballStemmer("english"),
        wordnet=NoWordNet(),
        alpha=0.9,
        beta=3.0,
        gamma=0.5,
    )
    assert score(hypothesis, reference, parameters="2005") == pytest.approx(100 * expected)


def fewest_chunks(hypothesis, reference):
    """By trying every alignment of equal words."""
    options = [[-1, *(p for p, r in enumerate(reference) if r == word)] for word in hypothesis]
    found = []
    for links in itertools.product(*options):
        used = [place for place in links if place >= 0]
        if len(used) == len(set(used)):
            found.append((-len(used), num_chunks(links)))
    return min(found)


def test_the_alignment_has_as_many_links_and_as_few_chunks_as_any():
    draws = np.random.default_rng(0)
    for _ in range(60):
        hypothesis, reference = (list(draws.choice(list("xyz"), draws.integers(1, 7))) for _ in range(2))
        links = align(hypothesis, reference)
        assert (-sum(place >= 0 for place in links), num_chunks(links)) == fewest_chunks(
            hypothesis, reference
        )


def test_equal_words_are_linked_before_stems():
    assert align(["mats", "mat"], ["mat", "mats"]) == [1, 0]


def test_synonyms_are_of_the_words_and_come_last():
    synonyms = {"ox": frozenset({1}), "bull": frozenset({1}), "cow": frozenset({2})}
    assert align(["bull", "ran"], ["ox", "ran"], synonyms=synonyms) == [0, 1]
    assert align(["cow", "ran"], ["ox", "ran"], synonyms=synonyms) == [-1, 1]


def test_the_best_of_several_references_counts():
    assert score("a b c", "x y", "a b c") == score("a b c", "a b c")


def test_the_name_says_parameters_and_stages():
    assert meteor_metric(synonyms={"a": frozenset({1})}).name == "METEOR 2007 (own, exact, stem, synonym)"


def test_wordnet_index_files_give_sets_of_synonyms(tmp_path):
    noun = "  1 a licence line\nbull n 2 1 @ 2 1 00000010 00000030  \nox n 1 1 @ 1 0 00000010  \n"
    (tmp_path / "index.noun").write_text(noun)
    for part in ("verb", "adj", "adv"):
        (tmp_path / f"index.{part}").write_text("ox x 1 0 1 0 00000010  \n")
    found = read_wordnet(tmp_path)
    assert found["bull"] & found["ox"] == {40}
    assert len(found["ox"]) == 4


def test_a_machine_without_wordnet_has_no_synonyms(tmp_path):
    assert read_wordnet(tmp_path) is None
