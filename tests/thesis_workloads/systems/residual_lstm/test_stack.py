"""The residual connection adds the input of the layer two below, at the same time step."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from thesis_workloads.systems.residual_lstm.stack import LSTMStack


def stack(num_layers, step, *, width=3, dropout=0.0, seed=0, **options):
    torch.manual_seed(seed)
    return LSTMStack(width, num_layers=num_layers, residual_step=step, dropout=dropout, **options)


def inputs(batch=2, steps=5, width=3):
    return torch.randn(batch, steps, width, generator=torch.Generator().manual_seed(1))


def test_a_hand_computed_case_of_two_layers_of_one_unit():
    # All weights 0 but the biases of the second layer: i = f = o = 1/2, cell input tanh(1), so that
    # c_1 = tanh(1) / 2, c_2 = c_1 / 2 + tanh(1) / 2, h_t = tanh(c_t) / 2, and the output is x_t + h_t.
    layers = stack(2, 2, width=1)
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.zero_()
        layers.blocks[0].bias_ih_l1[2] = 1.0  # order of the gates: input, forget, cell, output
    x = torch.tensor([[[10.0], [20.0]]])
    tanh = torch.tensor(1.0).tanh()
    first, second = tanh / 2, tanh / 4 + tanh / 2
    expected = torch.stack((10 + first.tanh() / 2, 20 + second.tanh() / 2))
    torch.testing.assert_close(layers(x)[0][0, :, 0], expected)


def single_layers(layers):
    """Returns one `nn.LSTM` per layer with the weights of the fused blocks."""
    singles = []
    for block in layers.blocks:
        for depth in range(block.num_layers):
            single = nn.LSTM(block.input_size, block.hidden_size, batch_first=True)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(single, f"{name}_l0").data.copy_(getattr(block, f"{name}_l{depth}"))
            singles.append(single)
    return singles


@pytest.mark.parametrize(("num_layers", "step"), [(2, 2), (4, 2), (4, 1), (4, 3), (5, 2), (4, 4)])
def test_fused_blocks_equal_single_layers_with_the_equation_of_the_text(num_layers, step):
    layers, x = stack(num_layers, step), inputs()
    xs = [x]  # xs[i] is the input of layer i + 1
    for number, layer in enumerate(single_layers(layers), start=1):
        out = layer(xs[-1])[0]
        xs.append(out + xs[number - step] if number % step == 0 else out)
    torch.testing.assert_close(layers(x)[0], xs[-1])


def test_without_a_step_the_stack_is_a_plain_lstm():
    layers, x = stack(4, 0), inputs()
    torch.testing.assert_close(layers(x)[0], layers.blocks[0](x)[0])


def test_no_time_step_sees_a_later_input():
    layers, x = stack(4, 2), inputs()
    changed = x.clone()
    changed[:, 3:] += 1
    assert torch.equal(layers(x)[0][:, :3], layers(changed)[0][:, :3])


def test_the_connection_adds_no_parameters():
    counts = [sum(p.numel() for p in stack(4, step).parameters()) for step in (0, 1, 2, 4)]
    assert len(set(counts)) == 1


@pytest.mark.parametrize("num_layers", [2, 4])
def test_gradients_reach_every_layer(num_layers):
    layers = stack(num_layers, 2, width=8)
    layers(inputs(width=8))[0].square().sum().backward()
    assert all(parameter.grad.abs().max() > 1e-6 for parameter in layers.parameters())


def test_the_connection_carries_gradients_to_the_input_that_a_plain_stack_loses():
    norms = {}
    for step in (0, 2):
        layers, x = stack(4, step, width=8), inputs(width=8).requires_grad_()
        layers(x)[0].square().sum().backward()
        norms[step] = float(x.grad.norm())
    assert norms[2] > 10 * norms[0]


def test_going_on_from_a_state_equals_one_pass():
    layers, x = stack(4, 2), inputs()
    whole, last = layers(x)
    first, state = layers(x[:, :2])
    second, rest = layers(x[:, 2:], state)
    torch.testing.assert_close(torch.cat((first, second), 1), whole)
    torch.testing.assert_close(rest, last)


@pytest.mark.parametrize("options", [{"step": 2}, {"step": 0}, {"step": 0, "bidirectional": True}])
def test_packed_sentences_give_what_each_gives_alone(options):
    step = options.pop("step")
    layers, x = stack(4, step, **options), inputs(batch=3)
    lengths = torch.tensor([2, 5, 3])
    packed, (hidden, cell) = layers.forward_packed(
        pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    )
    outputs, _ = pad_packed_sequence(packed, batch_first=True)
    for row, length in enumerate(lengths.tolist()):
        alone, state = layers(x[row : row + 1, :length])
        torch.testing.assert_close(outputs[row, :length], alone[0])
        torch.testing.assert_close((hidden[:, row], cell[:, row]), (state[0][:, 0], state[1][:, 0]))


def test_dropout_before_the_sum_spares_the_connection():
    layers, x = stack(2, 2, dropout=0.999999, dropout_position="before-sum"), inputs()
    torch.testing.assert_close(layers(x)[0], x)


def test_dropout_after_the_sum_drops_units_of_the_input_too():
    layers, x = stack(2, 2, dropout=0.999999, dropout_position="after-sum"), inputs()
    assert not layers(x)[0].any()


@pytest.mark.parametrize("position", ["before-sum", "after-sum"])
def test_kept_units_are_scaled_so_that_the_expected_output_stays(position):
    layers, x = stack(2, 2, dropout=0.5, dropout_position=position), inputs()
    for block in layers.blocks:
        block.dropout = 0.0  # the dropout between the layers of a block is not linear
    mean = torch.stack([layers(x)[0] for _ in range(800)]).mean(0)
    torch.testing.assert_close(mean, layers.eval()(x)[0], atol=0.25, rtol=0.0)


def test_without_a_connection_the_position_changes_nothing():
    found = []
    for position in ("before-sum", "after-sum"):
        layers = stack(4, 0, dropout=0.5, dropout_position=position)
        torch.manual_seed(3)
        found.append(layers(inputs())[0])
    assert torch.equal(*found)


@pytest.mark.parametrize("position", ["before-sum", "after-sum"])
def test_the_position_changes_nothing_once_trained(position):
    layers, x = stack(4, 2, dropout=0.5, dropout_position=position).eval(), inputs()
    assert torch.equal(layers(x)[0], stack(4, 2).eval()(x)[0])


def test_another_position_is_refused():
    with pytest.raises(ValueError, match="dropout_position must be one of after-sum, before-sum"):
        stack(2, 2, dropout_position="inside")


def test_connections_in_both_directions_are_refused():
    with pytest.raises(ValueError, match="bidirectional=True"):
        stack(2, 2, bidirectional=True)
