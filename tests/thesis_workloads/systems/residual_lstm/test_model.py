"""The four models: shapes, parameters, padding and teacher forcing against step-by-step decoding."""

import pytest
import torch

from thesis_workloads.systems.residual_lstm.attention import AdditiveAttention
from thesis_workloads.systems.residual_lstm.model import MODELS, build_paraphraser, num_lstm_units

SOURCE = torch.tensor([[5, 6, 7, 0], [8, 9, 3, 4], [3, 0, 0, 0]])
LENGTHS = torch.tensor([3, 4, 1])
PREVIOUS = torch.tensor([[1, 5, 6], [1, 7, 8], [1, 3, 9]])


def network(model, num_layers=4, *, width=8, seed=0, **options):
    sizes = {"num_words": 12, "width": width, "num_layers": num_layers, "residual_step": 2, "dropout": 0.0}
    return build_paraphraser(model, **{**sizes, "init_range": 0.5, "seed": seed, **options})


def count(model, **options):
    return sum(p.numel() for p in network(model, **options).parameters())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("num_layers", [2, 4])
def test_gradients_reach_every_parameter(model, num_layers):
    built = network(model, num_layers)
    built(SOURCE, LENGTHS, PREVIOUS).square().sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in built.parameters())


@pytest.mark.parametrize("model", MODELS)
def test_padding_of_the_source_changes_nothing(model):
    built = network(model)
    wider = torch.cat((SOURCE, torch.zeros(3, 2, dtype=torch.int64)), 1)
    torch.testing.assert_close(built(SOURCE, LENGTHS, PREVIOUS), built(wider, LENGTHS, PREVIOUS))


@pytest.mark.parametrize("model", MODELS)
def test_decoding_word_by_word_equals_teacher_forcing(model):
    built = network(model)
    state, memory = built.encode(SOURCE, LENGTHS)
    logits = []
    for step in range(PREVIOUS.shape[1]):
        found, state = built.decode(PREVIOUS[:, step : step + 1], state, memory)
        logits.append(found)
    torch.testing.assert_close(torch.cat(logits, 1), built(SOURCE, LENGTHS, PREVIOUS))


@pytest.mark.parametrize("model", MODELS)
def test_no_word_sees_a_later_one(model):
    built, other = network(model), PREVIOUS.clone()
    other[:, 2] = 4
    before, after = built(SOURCE, LENGTHS, PREVIOUS), built(SOURCE, LENGTHS, other)
    assert torch.equal(before[:, :2], after[:, :2])


def test_the_residual_connection_adds_no_parameters():
    assert count("residual") == count("seq2seq")


def test_the_bidirectional_model_has_twice_the_units_per_layer_and_half_the_layers():
    assert num_lstm_units(network("bidirectional", 4)) == num_lstm_units(network("seq2seq", 4))
    assert network("bidirectional", 4).encoder.depths == [2]


def test_the_bidirectional_model_has_about_the_parameters_of_the_plain_one():
    assert 1.0 <= count("bidirectional", width=64) / count("seq2seq", width=64) < 1.15


def test_weights_are_drawn_from_the_seed_alone():
    one = network("residual", seed=3).state_dict()
    torch.manual_seed(99)
    assert all(
        torch.equal(value, one[name]) for name, value in network("residual", seed=3).state_dict().items()
    )


def test_initial_weights_lie_in_their_range():
    assert (
        max(float(p.detach().abs().max()) for p in network("attention", init_range=0.08).parameters()) <= 0.08
    )


def test_attention_weights_sum_to_one_over_the_words_of_the_source():
    torch.manual_seed(0)
    attention, memory = AdditiveAttention(8), torch.randn(2, 4, 8)
    is_word = torch.tensor([[True, True, False, False], [True] * 4])
    weights = attention.weights(torch.randn(2, 3, 8), attention.key(memory), is_word)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))
    assert weights[0, :, 2:].abs().max() == 0


def test_additive_attention_is_its_formula():
    torch.manual_seed(0)
    attention, memory, outputs = AdditiveAttention(2), torch.randn(1, 3, 2), torch.randn(1, 1, 2)
    u, w, v = attention.key.weight, attention.query.weight, attention.score.weight[0]
    scores = torch.stack([v @ torch.tanh(w @ outputs[0, 0] + u @ key) for key in memory[0]])
    context = scores.softmax(0) @ memory[0]
    expected = torch.tanh(attention.join.weight @ torch.cat((outputs[0, 0], context)))
    found = attention(outputs, memory, attention.key(memory), torch.ones(1, 3, dtype=torch.bool))
    torch.testing.assert_close(found[0, 0], expected)


def test_an_odd_number_of_layers_cannot_be_halved():
    with pytest.raises(ValueError, match="num_layers=3"):
        network("bidirectional", 3)


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="model='transformer'"):
        network("transformer")
