import numpy as np
import pytest

from thesis_workloads.datasets.images.stratify import shares, stratified_parts

LABELS = np.random.default_rng(0).choice(4, size=1_003, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int64)


def test_parts_have_their_sizes_and_share_no_index():
    first, second, third = stratified_parts(LABELS, sizes=(100, 301, 602), seed=1)
    assert [len(part) for part in (first, second, third)] == [100, 301, 602]
    assert sorted(np.concatenate([first, second, third])) == list(range(1_003))


@pytest.mark.parametrize("size", [17, 100, 999])
def test_every_class_gives_its_share_within_one_image(size):
    (part,) = stratified_parts(LABELS, sizes=(size,), seed=2)
    expected = np.bincount(LABELS) * size / len(LABELS)
    assert np.abs(np.bincount(LABELS[part], minlength=4) - expected).max() < 1


def test_an_earlier_part_does_not_depend_on_the_later_sizes():
    alone = stratified_parts(LABELS, sizes=(200,), seed=3)[0]
    before_another = stratified_parts(LABELS, sizes=(200, 500), seed=3)[0]
    assert np.array_equal(alone, before_another)


def test_another_seed_draws_other_images():
    first = stratified_parts(LABELS, sizes=(200,), seed=3)[0]
    second = stratified_parts(LABELS, sizes=(200,), seed=4)[0]
    assert len(np.intersect1d(first, second)) < 100


def test_within_a_class_every_image_is_as_likely_as_another():
    labels = np.zeros(50, dtype=np.int64)
    counts = np.zeros(50)
    for seed in range(2_000):
        counts[stratified_parts(labels, sizes=(10,), seed=seed)[0]] += 1
    # binomial(2000, 0.2): mean 400, deviation 17.9; 5 deviations over 50 images
    assert np.abs(counts - 400).max() < 90


def test_the_drawn_images_never_change():
    (part,) = stratified_parts(np.arange(40, dtype=np.int64) % 4, sizes=(8,), seed=0)
    assert part.tolist() == [2, 3, 11, 13, 18, 20, 21, 32]


def test_largest_remainders_decide_the_last_images():
    assert shares(np.array([50, 30, 20]), 7).tolist() == [4, 2, 1]  # exact shares 3.5, 2.1, 1.4


def test_of_equal_remainders_the_lower_class_comes_first():
    assert shares(np.array([10, 10, 10]), 4).tolist() == [2, 1, 1]


@pytest.mark.parametrize("sizes", [(1_004,), (1_000, 4), (-1, 5)])
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(ValueError, match="at most 1003 together"):
        stratified_parts(LABELS, sizes=sizes, seed=0)
