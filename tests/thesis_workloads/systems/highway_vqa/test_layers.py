import pytest
import torch

from thesis_workloads.systems.highway_vqa.layers import (
    HighwayLayer,
    forward_and_reversed,
    highway,
    highway_layers,
    mean_vectors,
    spread,
)


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return HighwayLayer(width=5, word_dim=3, carry="sigmoid").double()


def with_gates(layer, *, transform, carry):
    """Opens (+1) or closes (-1) the gates: a sigmoid of 1000 is 1 and of -1000 is 0, exactly."""
    with torch.no_grad():
        for gate, sign in ((layer.transform, transform), (layer.word, carry)):
            gate.weight.zero_()
            gate.bias.fill_(1000.0 * sign)
    return layer


X = torch.randn(4, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
WORD = torch.randn(4, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def test_with_the_carry_gate_closed_a_layer_is_the_plain_transform(layer):
    found = with_gates(layer, transform=1, carry=-1)(X, WORD)
    expected = torch.relu(X @ layer.plain.weight.T + layer.plain.bias)
    assert torch.equal(found, expected)


def test_with_the_carry_gate_open_and_the_transform_gate_closed_it_is_the_identity(layer):
    assert torch.equal(with_gates(layer, transform=-1, carry=1)(X, WORD), X)


def test_in_between_it_is_the_equation_of_the_text(layer):
    plain = torch.relu(X @ layer.plain.weight.T + layer.plain.bias)
    transform = 1 / (1 + torch.exp(-(X @ layer.transform.weight.T + layer.transform.bias)))
    carry = 1 / (1 + torch.exp(-(WORD @ layer.word.weight.T + layer.word.bias)))
    torch.testing.assert_close(layer(X, WORD), plain * transform + X * carry)


def test_the_equation_on_numbers():
    x, transformed, gate, carry = (torch.tensor([value]) for value in (2.0, 5.0, 0.5, 0.25))
    assert highway(x, transformed, transform_gate=gate, carry_gate=carry).item() == 3.0


def test_a_linear_carry_gate_multiplies_by_the_projected_word():
    torch.manual_seed(0)
    layer = HighwayLayer(width=5, word_dim=3, carry="linear").double()
    torch.testing.assert_close(layer.carry_gate(WORD), WORD @ layer.word.weight.T + layer.word.bias)


@pytest.mark.parametrize(("projection", "count"), [("layer", 3), ("shared", 1)])
def test_layers_have_a_projection_of_their_own_or_one_of_them_all(projection, count):
    layers = highway_layers(3, width=5, word_dim=3, carry="sigmoid", projection=projection)
    assert len({id(layer.word) for layer in layers}) == count
    assert all(bool((layer.word.bias == 2.0).all()) for layer in layers)


QUESTIONS = torch.tensor([[1, 2, 3], [4, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("padding", "places", "expected"),
    [
        ("zeros", 5, [[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [0, 0, 0, 0, 0]]),
        ("repeat", 5, [[1, 2, 3, 1, 2], [4, 4, 4, 4, 4], [0, 0, 0, 0, 0]]),
        ("repeat", 2, [[1, 2], [4, 4], [0, 0]]),
        ("zeros", 2, [[1, 2], [4, 0], [0, 0]]),
    ],
)
def test_a_short_question_is_padded_with_zeros_or_by_itself(padding, places, expected):
    assert spread(QUESTIONS, num_places=places, padding=padding).tolist() == expected


def test_the_reversed_question_follows_the_question():
    expected = [[1, 2, 3, 3, 2, 1], [4, 4, 0, 0, 0, 0], [0] * 6]
    assert forward_and_reversed(QUESTIONS).tolist() == expected


def test_the_mean_is_over_words_and_zero_without_any():
    vectors = torch.tensor([[[2.0], [4.0]], [[6.0], [9.0]], [[7.0], [7.0]]])
    is_word = torch.tensor([[True, True], [True, False], [False, False]])
    assert mean_vectors(vectors, is_word).tolist() == [[3.0], [6.0], [0.0]]


@pytest.mark.parametrize("call", [
    lambda: HighwayLayer(width=2, word_dim=2, carry="tanh"),
    lambda: highway_layers(1, width=2, word_dim=2, carry="sigmoid", projection="none"),
    lambda: spread(QUESTIONS, num_places=2, padding="mirror"),
])  # fmt: skip
def test_what_there_is_not_is_refused(call):
    with pytest.raises(ValueError, match="must be one of"):
        call()
