"""Two workers against one: the same weights for the same global batch."""

import pytest
import torch

EXAMPLES = ["highway", "lstm-q+i", "random words"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_both_workers_end_with_the_same_network_and_numbers(two_workers, numbers, example):
    first, second = (result[example] for result in two_workers)
    torch.testing.assert_close(first["weights"], second["weights"], rtol=0, atol=0)
    assert numbers(first) == numbers(second)


@pytest.mark.parametrize("example", EXAMPLES)
def test_two_workers_match_one_for_the_same_global_batch(two_workers, single, example):
    ours, theirs = two_workers[0][example], single[example]
    torch.testing.assert_close(ours["weights"], theirs["weights"], rtol=0, atol=2e-5)
    for name in ("train/loss", "val/loss", "val/accuracy", "val/confidence"):
        expected = [row[name] for row in theirs["rows"]]
        assert [row[name] for row in ours["rows"]] == pytest.approx(expected, rel=1e-4)
