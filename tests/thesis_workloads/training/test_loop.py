import math

import pytest
import torch

from thesis_workloads.training import loop


def at(monkeypatch, *, rank, world_size):
    monkeypatch.setattr(loop, "rank", lambda: rank)
    monkeypatch.setattr(loop, "world_size", lambda: world_size)


def test_the_mean_of_the_workers_gradients_is_that_of_the_whole_batch(monkeypatch):
    batch = torch.tensor([4, 1, 2])
    gradients = []
    for rank in range(5):  # two of them without an example
        at(monkeypatch, rank=rank, world_size=5)
        weights = torch.arange(5.0, dtype=torch.float64, requires_grad=True)
        share, weight = loop.local_share(batch)
        assert len(share) == 1
        loop.backward_mean(weights[share].square().sum(), weight=weight, count=len(batch))
        gradients.append(weights.grad)
    whole = torch.arange(5.0, dtype=torch.float64, requires_grad=True)
    whole[batch].square().mean().backward()
    torch.testing.assert_close(torch.stack(gradients).mean(0), whole.grad)


@pytest.mark.parametrize("name", ["train/loss", "train/slot_loss"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run(name, value):
    with pytest.raises(FloatingPointError, match=f"{name} became {value} in epoch 3 at learning_rate=0.1"):
        loop.check_finite({"val/accuracy": math.nan, name: value}, epoch=3, learning_rate=0.1)


def test_a_loss_above_the_largest_allowed_stops_the_run():
    loop.check_finite({"val/loss": 700.0}, epoch=1, learning_rate=1.0, largest=700)
    with pytest.raises(FloatingPointError, match="val/loss became 701"):
        loop.check_finite({"val/loss": 701.0}, epoch=1, learning_rate=1.0, largest=700)
