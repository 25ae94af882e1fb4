"""Equations 8.3, 8.4 and 8.6, by hand."""

import pytest
import torch

from thesis_workloads.systems.condensed_memory.states import averaged, condensations, next_state


def test_the_next_state_adds_what_was_read():
    assert next_state(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5, -1.0]])).tolist() == [[1.5, 1.0]]


def test_the_average_of_equation_8_6_halves_with_every_hop():
    states = [torch.tensor([[value]]) for value in (8.0, 4.0, 2.0, 1.0)]
    assert averaged(states).item() == 1 + 2 / 2 + 4 / 4 + 8 / 8


def fill(layer, values):
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(values))


def test_both_halves_of_equation_8_4_by_hand():
    (condense,) = condensations(slot_dim=2, hops=1, condensation="halves")
    fill(condense.of_state, [[1.0, 10.0]])
    fill(condense.of_condensed, [[100.0, 1000.0]])
    condensed = condense(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]]))
    assert condensed.tolist() == [[21.0, 4300.0]]


def test_the_printed_equation_8_4_keeps_the_whole_state():
    first, second = condensations(slot_dim=2, hops=2, condensation="printed")
    fill(first.of_condensed, [[1.0, 1.0]])
    fill(second.of_condensed, [[1.0, 2.0, 3.0]])
    condensed = first(torch.tensor([[5.0, 6.0]]), torch.tensor([[1.0, 2.0]]))
    assert condensed.tolist() == [[5.0, 6.0, 3.0]]
    assert second(torch.tensor([[7.0, 8.0]]), condensed).tolist() == [[7.0, 8.0, 26.0]]


@pytest.mark.parametrize("condensation", ["halves", "printed"])
def test_the_condensed_state_holds_every_earlier_hop(condensation):
    torch.manual_seed(0)
    hops = 5
    layers = condensations(slot_dim=8, hops=hops, condensation=condensation)
    states = torch.randn(hops + 1, 1, 8, requires_grad=True)
    condensed = states[0]
    for layer, state in zip(layers, states[1:], strict=True):
        condensed = layer(state, condensed)
    condensed.sum().backward()
    assert (states.grad.abs().sum((1, 2)) > 0).tolist() == [True] * (hops + 1)


def test_the_size_stays_when_both_are_halved():
    layers = condensations(slot_dim=6, hops=4, condensation="halves")
    state = torch.randn(2, 6)
    for layer in layers:
        state = layer(torch.randn(2, 6), state)
    assert state.shape == (2, 6)


def test_an_odd_size_is_refused():
    with pytest.raises(ValueError, match="slot_dim must be even"):
        condensations(slot_dim=5, hops=1, condensation="halves")
