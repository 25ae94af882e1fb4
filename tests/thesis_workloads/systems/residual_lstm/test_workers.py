"""Two workers get what one gets, though each sees half of every batch and one of them none of the last."""

import pytest
import torch

MODELS = ["residual", "attention"]


@pytest.mark.parametrize("model", MODELS)
def test_two_workers_train_the_weights_of_one(two_workers, single, model):
    first, second = (result[model]["weights"] for result in two_workers)
    torch.testing.assert_close(first, single[model]["weights"], rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(first, second, rtol=0, atol=0)


@pytest.mark.parametrize("model", MODELS)
def test_every_worker_reports_the_numbers_of_one(two_workers, single, numbers, model):
    first, second = (numbers(result[model]) for result in two_workers)
    assert first == second
    for row, expected in zip(first, numbers(single[model]), strict=True):
        assert row == pytest.approx(expected, rel=1e-4)
