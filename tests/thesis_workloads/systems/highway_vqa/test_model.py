import pytest
import torch

from thesis_workloads.systems.highway_vqa.model import MODELS, Sizes, VQANetwork, layers_needed

SIZES = Sizes(num_words=12, num_answers=5, feature_dim=7, word_dim=4, depth=4)


def network(model="highway", **changes):
    torch.manual_seed(0)
    values = {
        "sizes": SIZES,
        "width": 6,
        "words_per_layer": 1,
        "padding": "repeat",
        "carry": "sigmoid",
        "is_mirrored": False,
        "dropout": 0.0,
    }
    return VQANetwork(model, **{**values, **changes}).eval()


FEATURES = torch.randn(3, 7, generator=torch.Generator().manual_seed(1))
WORDS = torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0], [8, 9, 10, 0]])


def carry_gates(made, words):
    vectors = made.gate_words(words)
    return [layer.carry_gate(vectors[:, number]) for number, layer in enumerate(made.layers)]


@pytest.mark.parametrize("changed", range(4))
def test_the_gate_of_each_layer_depends_on_its_own_word_only(changed):
    made, other = network(), WORDS[:1].clone()
    other[0, changed] = 11
    before, after = carry_gates(made, WORDS[:1]), carry_gates(made, other)
    differs = [not torch.equal(one, two) for one, two in zip(before, after, strict=True)]
    assert differs == [number == changed for number in range(4)]


def test_a_layer_with_several_words_is_fed_their_mean():
    made = network(words_per_layer=2)
    vectors = made.words.weight
    expected = torch.stack((vectors[[6, 7]].mean(0), vectors[[6, 7]].mean(0)))
    torch.testing.assert_close(made.gate_words(WORDS[1:2])[0, :2], expected)


def test_zeros_feed_the_layers_behind_a_short_question():
    vectors = network(padding="zeros").gate_words(WORDS[1:2])[0]
    assert vectors[:2].any(1).all()
    assert not vectors[2:].any()


@pytest.mark.parametrize("model", MODELS)
def test_a_question_gives_the_same_answer_in_any_company(model):
    made = network(model)
    together = made(FEATURES, WORDS)
    alone = torch.cat([made(FEATURES[i : i + 1], WORDS[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("model", MODELS)
def test_padding_changes_nothing(model):
    made = network(model)
    wider = torch.cat((WORDS, torch.zeros(3, 3, dtype=torch.int64)), 1)
    torch.testing.assert_close(made(FEATURES, wider), made(FEATURES, WORDS))


@pytest.mark.parametrize(
    ("model", "sees_image", "sees_question"),
    [
        ("highway", True, True),
        ("image", True, False),
        ("question", False, True),
        ("q+i", True, True),
        ("lstm-q+i", True, True),
    ],
)
def test_a_baseline_sees_its_own_side_only(model, sees_image, sees_question):
    made = network(model)
    base = made(FEATURES, WORDS)
    assert torch.equal(base, made(FEATURES + 1.0, WORDS)) is not sees_image
    assert torch.equal(base, made(FEATURES, WORDS.flip(0))) is not sees_question


def test_the_mean_of_words_has_no_order_but_the_highway_has():
    order = torch.tensor([[5, 4, 3, 2]])
    bag, ordered = network("q+i"), network("highway")
    torch.testing.assert_close(bag(FEATURES[:1], WORDS[:1]), bag(FEATURES[:1], order))
    assert not torch.allclose(ordered(FEATURES[:1], WORDS[:1]), ordered(FEATURES[:1], order))


@pytest.mark.parametrize(("projection", "is_ordered"), [("layer", True), ("shared", False)])
def test_with_one_projection_the_carried_product_of_the_words_has_no_order(projection, is_ordered):
    made = network(projection=projection)
    products = [torch.stack(carry_gates(made, words)).prod(0) for words in (WORDS[:1], WORDS[:1].flip(1))]
    assert torch.allclose(*products) is not is_ordered


def test_a_shared_projection_learns_from_all_layers():
    made = network(projection="shared")
    assert sum(name.endswith("word.weight") for name, _ in made.named_parameters()) == 1
    gates = [layer.word.weight for layer in made.layers]
    made(FEATURES, WORDS).square().sum().backward()
    assert all(gate.grad is gates[0].grad for gate in gates)


def test_there_are_as_many_layers_as_words():
    assert layers_needed(8, words_per_layer=1, is_mirrored=False) == 8
    assert layers_needed(8, words_per_layer=3, is_mirrored=False) == 3
    assert layers_needed(8, words_per_layer=1, is_mirrored=True) == 16


def test_another_model_is_refused():
    with pytest.raises(ValueError, match="model must be one of"):
        network("san")
