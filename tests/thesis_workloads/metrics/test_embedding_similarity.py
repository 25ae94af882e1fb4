"""Greedy matching on vectors whose similarities are known."""

import struct

import numpy as np
import pytest

from thesis_workloads.metrics.embedding_similarity import (
    greedy_metric,
    greedy_similarity,
    learn_word_vectors,
    read_word_vectors,
)

VECTORS = {
    "x": np.array([1, 0], dtype=np.float32),
    "y": np.array([0, 2], dtype=np.float32),
    "d": np.array([3, 3], dtype=np.float32),
    "m": np.array([-1, 0], dtype=np.float32),
}


def similarity(first, second, variant="cosine"):
    return greedy_similarity(first, second, vectors=VECTORS, variant=variant)


def test_a_hand_computed_case_in_both_directions():
    # x and y each match d at 45 degrees; d matches either: all three similarities are 1 / sqrt(2).
    assert similarity("x y", "d") == pytest.approx(0.5**0.5)
    # x -> x 1, y -> d 0.707; x -> x 1, d -> either 0.707.
    assert similarity("x y", "x d") == pytest.approx((1 + 0.5**0.5) / 2)


def test_the_released_variant_takes_dot_products_that_are_never_below_zero():
    assert similarity("x y", "d", "dot") == pytest.approx((4.5 + 6) / 2)
    assert similarity("x", "m", "dot") == 0.0
    assert similarity("x", "m") == -1.0


def test_words_without_vectors_are_passed_over():
    assert similarity("x unheard", "x") == 1.0
    assert similarity("unheard", "x") == 0.0


def test_the_best_of_several_references_counts():
    assert greedy_metric(VECTORS, source="test")(["x", "y"], [["m", "x"], ["x"]]) == pytest.approx(50.0)


def test_text_files_with_and_without_a_header_are_read(tmp_path):
    (tmp_path / "glove.txt").write_text("a 1 2\nzero 0 0\nb 3 4\n")
    (tmp_path / "w2v.txt").write_text("2 2\na 1 2\nb 3 4\n")
    for name in ("glove.txt", "w2v.txt"):
        found = read_word_vectors(tmp_path / name)
        assert {word: vector.tolist() for word, vector in found.items()} == {"a": [1, 2], "b": [3, 4]}


def test_binary_files_are_read(tmp_path):
    rows = [b"a " + struct.pack("<2f", 1, 2) + b"\n", b"b " + struct.pack("<2f", 3, 4) + b"\n"]
    (tmp_path / "w2v.bin").write_bytes(b"2 2\n" + b"".join(rows))
    found = read_word_vectors(tmp_path / "w2v.bin", words=["b"])
    assert {word: vector.tolist() for word, vector in found.items()} == {"b": [3, 4]}


def test_a_line_of_another_length_is_refused_by_its_number(tmp_path):
    (tmp_path / "bad.txt").write_text("a 1 2\nb 3\n")
    with pytest.raises(ValueError, match=r"bad\.txt:2"):
        read_word_vectors(tmp_path / "bad.txt")


def test_learned_vectors_put_words_of_the_same_company_together():
    draws = np.random.default_rng(0)
    royal, animal = ["king", "queen", "crown", "throne"], ["cow", "sheep", "goat", "grass"]
    sentences = [" ".join(draws.permutation(royal if draws.random() < 0.5 else animal)) for _ in range(300)]
    vectors = learn_word_vectors(sentences, dimensions=3)
    same = greedy_similarity("king", "queen", vectors=vectors)
    other = greedy_similarity("king", "cow", vectors=vectors)
    assert same > other + 0.5
