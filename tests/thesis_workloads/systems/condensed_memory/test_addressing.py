"""Equation 8.2 and the addressing schemes of section 8.4.3, by hand."""

import math

import pytest
import torch

from thesis_workloads.systems.condensed_memory.addressing import (
    GatedAddressing,
    products,
    read,
    slot_loss,
    weights_of,
)

STATE = torch.tensor([[1.0, 2.0]])
KEYS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
VALUES = torch.tensor([[10.0, 0.0], [0.0, 10.0], [1.0, 1.0]])


def test_softmax_reads_the_memory_of_equation_8_2_as_reckoned_by_hand():
    weights = weights_of(products(STATE, KEYS), addressing="softmax")
    e = [math.exp(1), math.exp(2), math.exp(3)]
    expected = [(10 * e[0] + e[2]) / sum(e), (10 * e[1] + e[2]) / sum(e)]
    assert read(weights, VALUES)[0].tolist() == pytest.approx(expected, rel=1e-5)


def test_sigmoid_weighs_each_slot_by_itself():
    weights = weights_of(products(STATE, KEYS), addressing="sigmoid")
    assert weights[0].tolist() == pytest.approx([1 / (1 + math.exp(-x)) for x in (1, 2, 3)])


def test_the_gated_network_is_the_formula_by_hand():
    gate = GatedAddressing(slot_dim=2, gate_dim=1, num_slots=3)
    with torch.no_grad():
        for name, value in (("of_state", [[0.5, 0.0]]), ("of_key", [[0.0, 0.25]]), ("out", [[2.0]])):
            getattr(gate, name).weight.copy_(torch.tensor(value))
        gate.of_state.bias.fill_(0.1)
        gate.of_product.fill_(0.3)
        gate.out.bias.fill_(-1.0)
    expected = [
        2 * math.tanh(0.5 * 1 + 0.25 * key + 0.3 * product + 0.1) - 1
        for key, product in ((0, 1), (1, 2), (1, 3))
    ]
    assert gate(STATE, KEYS)[0].tolist() == pytest.approx(expected, rel=1e-5)


def test_gated_weights_are_not_a_distribution():
    scores = torch.full((1, 3), 4.0)
    assert weights_of(scores, addressing="gated").sum() > 2.9
    assert weights_of(scores, addressing="softmax").sum() == pytest.approx(1)


def test_untrained_gated_weights_add_up_to_about_one():
    gate = GatedAddressing(slot_dim=8, gate_dim=4, num_slots=300)
    draws = torch.Generator().manual_seed(0)
    scores = gate(torch.zeros(1, 8), 0.1 * torch.randn(300, 8, generator=draws))
    assert 0.3 < weights_of(scores, addressing="gated").sum() < 3


@pytest.mark.parametrize("addressing", ["softmax", "sigmoid", "gated"])
def test_absent_slots_have_no_weight_and_change_nothing(addressing):
    scores, is_slot = torch.tensor([[1.0, 2.0, 9.0]]), torch.tensor([[True, True, False]])
    weights = weights_of(scores, addressing=addressing, is_slot=is_slot)
    assert weights[0, 2] == 0
    torch.testing.assert_close(weights[:, :2], weights_of(scores[:, :2], addressing=addressing))


def test_a_note_without_any_slot_reads_nothing():
    weights = weights_of(torch.ones(1, 2), addressing="softmax", is_slot=torch.zeros(1, 2, dtype=torch.bool))
    assert read(weights, torch.ones(1, 2, 3)).abs().sum() == 0


def test_slots_of_each_note_are_read_as_the_shared_ones_are():
    scores = products(STATE, KEYS[None])
    torch.testing.assert_close(scores, products(STATE, KEYS))
    torch.testing.assert_close(read(scores, VALUES[None]), read(scores, VALUES))


def test_the_slot_loss_of_softmax_is_the_cross_entropy_with_the_relevant_ones_by_hand():
    relevant = torch.tensor([[True, False, True]])
    logs = [score - math.log(sum(math.exp(s) for s in (1, 2, 3))) for score in (1, 3)]
    loss = slot_loss(torch.tensor([[1.0, 2.0, 3.0]]), relevant, addressing="softmax")
    assert float(loss) == pytest.approx(-sum(logs) / 2, rel=1e-5)


def test_the_slot_loss_of_gates_adds_up_the_slots():
    relevant = torch.tensor([[True, False]])
    loss = slot_loss(torch.tensor([[2.0, -1.0]]), relevant, addressing="gated")
    assert float(loss) == pytest.approx(math.log1p(math.exp(-2)) + math.log1p(math.exp(-1)), rel=1e-5)


@pytest.mark.parametrize("addressing", ["softmax", "gated"])
def test_absent_slots_cost_nothing(addressing):
    is_slot = torch.tensor([[True, True, False]])
    relevant = torch.tensor([[True, False, False]])
    scores = torch.tensor([[1.0, 2.0, 9.0]])
    with_absent = slot_loss(scores, relevant, addressing=addressing, is_slot=is_slot)
    without = slot_loss(scores[:, :2], relevant[:, :2], addressing=addressing)
    torch.testing.assert_close(with_absent, without)


def test_an_unknown_addressing_is_refused():
    with pytest.raises(ValueError, match="addressing must be one of"):
        weights_of(torch.zeros(1, 2), addressing="hard")
