"""Several workers against one: the same filters, and the same weights for the same global batch."""

import pytest
import torch


@pytest.fixture(scope="module")
def four_workers(run_workers):
    return run_workers(4)


@pytest.mark.parametrize("example", ["ortho", "oracle", "hessian", "taught", "dsd", "batch norm"])
def test_all_workers_prune_the_same_filters_and_end_with_the_same_network(two_workers, numbers, example):
    first, second = (result[example] for result in two_workers)
    torch.testing.assert_close(first["kept"], second["kept"], rtol=0, atol=0)
    torch.testing.assert_close(first["weights"], second["weights"], rtol=0, atol=0)
    assert numbers(first) == numbers(second)


@pytest.mark.parametrize("example", ["ortho", "oracle", "hessian", "taught", "dsd"])
def test_two_workers_match_one_for_the_same_global_batch(two_workers, single, example):
    ours, theirs = two_workers[0][example], single[example]
    torch.testing.assert_close(ours["kept"], theirs["kept"], rtol=0, atol=0)
    torch.testing.assert_close(ours["weights"], theirs["weights"], rtol=0, atol=1e-12)
    assert [row["train/loss"] for row in ours["rows"]] == pytest.approx(
        [row["train/loss"] for row in theirs["rows"]], abs=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("example", ["ortho", "oracle", "hessian", "taught", "dsd"])
def test_four_workers_prune_the_filters_of_one_and_reach_its_loss(four_workers, single, example):
    for result in four_workers:
        ours, theirs = result[example], single[example]
        torch.testing.assert_close(ours["kept"], theirs["kept"], rtol=0, atol=0)
        torch.testing.assert_close(ours["weights"], theirs["weights"], rtol=0, atol=1e-12)
        for name in ("train/loss", "val/loss"):
            expected = [row[name] for row in theirs["rows"]]
            assert [row[name] for row in ours["rows"]] == pytest.approx(expected, abs=1e-12)
