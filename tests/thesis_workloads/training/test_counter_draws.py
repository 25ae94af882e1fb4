"""Draws of single items depend on seed, item and place alone, and are uniform and independent."""

import pytest
import torch
from scipy import stats

from thesis_workloads.training.counter_draws import integers_of_items


def draws(items, *, places=6, low=0, high=10, seed=("a", 0)):
    return integers_of_items(items, num_places=places, low=low, high=high, seed=seed)


def test_an_item_draws_the_same_in_any_company_and_with_any_number_of_places():
    whole = draws(torch.arange(100))
    some = torch.tensor([7, 99, 0])
    assert torch.equal(draws(some, places=9)[:, :6], whole[some])


def test_every_value_is_drawn_as_often():
    found = draws(torch.arange(20_000), low=3, high=13)
    counts = torch.bincount(found.flatten())[3:]
    assert (int(found.min()), int(found.max())) == (3, 12)
    assert stats.chisquare(counts.numpy()).pvalue > 1e-3


@pytest.mark.parametrize("pair", ["places", "items", "seeds"])
def test_neighbours_are_independent(pair):
    first = draws(torch.arange(20_000), places=2)
    second = {
        "places": first[:, 1],
        "items": first[:, 0].roll(1),
        "seeds": draws(torch.arange(20_000), seed=("a", 1))[:, 0],
    }[pair]
    table = torch.bincount(10 * first[:, 0] + second, minlength=100).reshape(10, 10)
    assert stats.chi2_contingency(table.numpy()).pvalue > 1e-3


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="high must be above low"):
        draws(torch.arange(2), low=5, high=5)
