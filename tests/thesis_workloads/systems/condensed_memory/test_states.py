"""Equations 8.3, 8.4 and 8.6, by hand."""

import pytest
import torch

from thesis_workloads.systems.condensed_memory.states import (
    averaged,
    condensations,
    condensing_matrix,
    next_state,
)


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


def initial_shares(*, condensation, init, slot_dim=64):
    """Share of a hop's norm in the last condensed state, before any training: note first, last hop last."""
    hops, repeats = 5, 40
    torch.manual_seed(0)
    shares = torch.zeros(hops + 1)
    for _ in range(repeats):
        layers = condensations(slot_dim=slot_dim, hops=hops, condensation=condensation, init=init)
        for source in range(hops + 1):
            states = torch.zeros(hops + 1, 8, slot_dim)
            states[source] = torch.randn(8, slot_dim)
            condensed = states[0]
            for layer, state in zip(layers, states[1:], strict=True):
                condensed = layer(state, condensed)
            shares[source] += (condensed.norm(dim=1) / states[source].norm(dim=1)).mean().detach() / repeats
    return shares.tolist()


@pytest.mark.parametrize("condensation", ["halves", "printed"])
def test_an_orthogonal_start_keeps_the_norm_of_the_note_and_of_every_hop(condensation):
    shares = initial_shares(condensation=condensation, init="orthogonal")
    assert shares == pytest.approx([1.0] * 6, abs=0.05)


def test_a_uniform_start_keeps_0_41_of_what_a_hop_reads_and_a_power_of_it_of_earlier_hops():
    shares = initial_shares(condensation="halves", init="uniform")
    expected = [6**-0.5] * 6  # sqrt(1 / (3 K) for each of K / 2 outputs): 0.41
    powers = [5, 5, 4, 3, 2, 1]  # the note and the first hop are condensed in the same step
    assert shares == pytest.approx(
        [base**power for base, power in zip(expected, powers, strict=True)], rel=0.1
    )


@pytest.mark.parametrize(("inputs", "outputs"), [(64, 32), (96, 32), (48, 48)])
def test_an_orthogonal_start_has_orthogonal_rows_of_the_length_that_keeps_norms(inputs, outputs):
    weight = condensing_matrix(inputs, outputs, init="orthogonal").weight
    expected = torch.eye(outputs) * inputs / outputs
    torch.testing.assert_close(weight @ weight.T, expected, rtol=0, atol=1e-5)


def test_a_start_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="condensing_init must be one of"):
        condensations(slot_dim=4, hops=1, condensation="halves", init="identity")


def test_an_odd_size_is_refused():
    with pytest.raises(ValueError, match="slot_dim must be even"):
        condensations(slot_dim=5, hops=1, condensation="halves")
