"""Length-bucketed batches hold every sentence once and little padding."""

import pytest
import torch

from thesis_workloads.text.batching import length_bucketed, sorted_batches

LENGTHS = torch.randint(1, 21, (1000, 2), generator=torch.Generator().manual_seed(0))


def batches(seed, **options):
    draws = torch.Generator().manual_seed(seed)
    return length_bucketed(LENGTHS, **{"batch_size": 16, "generator": draws, **options})


def padding(chosen):
    return sum(int((LENGTHS[b, 0].max() - LENGTHS[b, 0]).sum()) for b in chosen)


def test_every_sentence_is_in_one_batch():
    assert torch.cat(batches(0)).sort().values.tolist() == list(range(1000))


def test_sorting_within_pools_leaves_a_tenth_of_the_padding():
    assert padding(batches(0)) < 0.1 * padding(batches(0, pool_batches=1))


def test_the_second_length_breaks_ties():
    spread = [float(LENGTHS[b, 1].float().std()) for b in batches(0, pool_batches=63)]
    plain = [float(LENGTHS[b, 1].float().std()) for b in batches(0, pool_batches=1)]
    assert sum(spread[:40]) < 0.8 * sum(plain[:40])


def test_another_generator_gives_other_batches():
    first, second = batches(0), batches(1)
    assert {tuple(b.sort().values.tolist()) for b in first} != {
        tuple(b.sort().values.tolist()) for b in second
    }


def test_the_same_generator_gives_the_same_batches():
    assert all(torch.equal(a, b) for a, b in zip(batches(3), batches(3), strict=True))


def test_only_one_batch_is_smaller():
    assert sorted(len(b) for b in batches(0))[:2] == [8, 16]


def test_sorted_batches_begin_with_the_longest():
    assert [b.tolist() for b in sorted_batches(torch.tensor([2, 5, 1, 5]), batch_size=2)] == [[1, 3], [0, 2]]


def test_an_empty_batch_size_is_refused():
    with pytest.raises(ValueError, match="batch_size=0"):
        batches(0, batch_size=0)
