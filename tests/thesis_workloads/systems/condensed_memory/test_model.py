"""The networks as a whole: equation 8.5, what they share and what they cost."""

import dataclasses

import pytest
import torch

from thesis_workloads.systems.condensed_memory.model import MODELS, RESPONSES, BagOfWords, MemoryNetwork
from thesis_workloads.systems.condensed_memory.size import size_of
from thesis_workloads.systems.condensed_memory.train import build_network


def network_of(config, data, **changes):
    return build_network(dataclasses.replace(config, **changes), data).eval()


def num_parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_a_text_is_the_sum_of_its_words_and_padding_counts_nothing():
    bag = BagOfWords(vocabulary_size=5, embedding_dim=3, slot_dim=2, bag="sum")
    vectors = bag.words.weight
    expected = torch.stack([bag.project(vectors[1] + vectors[1] + vectors[4]), torch.zeros(2)])
    torch.testing.assert_close(bag(torch.tensor([[1, 0, 1, 4], [0, 0, 0, 0]])), expected)


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_network_is_equations_8_2_to_8_5_written_out(config, data, model):
    network = network_of(config, data, model=model, hops=2, addressing="softmax")
    notes = data.val.words[:3]
    u = [network.notes(notes)]
    keys, values = network.keys(network.key_words), network.values(network.value_words)
    for _ in range(2):
        u.append(u[-1] + torch.softmax(u[-1] @ keys.T, 1) @ values)
    response = u[-1]
    if model == "averaged":
        response = u[2] + u[1] / 2 + u[0] / 4
    if model == "condensed":
        first, second = network.condense
        halves = torch.cat((first.of_state(u[1]), first.of_condensed(u[0])), 1)
        condensed = torch.cat((second.of_state(u[2]), second.of_condensed(halves)), 1)
        response = torch.cat((u[2] @ network.transform.weight.T, condensed), 1)
    expected = response @ network.out.weight.T + network.out.bias
    torch.testing.assert_close(network(notes), expected)


def test_the_prediction_of_equation_8_5_sees_the_condensed_state_alone(config, data):
    network = network_of(config, data, response="condensed", hops=1, addressing="softmax")
    trace = network.trace(data.val.words[:3])
    (condense,) = network.condense
    condensed = condense(trace.states[1], trace.states[0])
    torch.testing.assert_close(trace.response, condensed)
    torch.testing.assert_close(trace.logits, network.out(condensed))


def test_the_averaged_network_adds_no_parameter_to_the_key_value_one(config, data):
    pairs = [
        {name: tuple(p.shape) for name, p in network_of(config, data, model=model).named_parameters()}
        for model in ("averaged", "key-value")
    ]
    assert pairs[0] == pairs[1]


def test_the_condensed_network_adds_two_halving_matrices_per_hop(config, data):
    extra = [
        num_parameters(network_of(config, data, model="condensed", hops=hops, response="condensed"))
        - num_parameters(network_of(config, data, model="key-value", hops=hops))
        for hops in (3, 5)
    ]
    assert extra == [3 * 2 * 8 * 4, 5 * 2 * 8 * 4]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("addressing", ["softmax", "gated"])
@pytest.mark.parametrize("condensation", ["halves", "printed"])
@pytest.mark.parametrize("response", RESPONSES)
def test_the_reckoned_number_of_parameters_is_the_network_s(
    config, data, model, addressing, condensation, response
):
    changed = dataclasses.replace(
        config, model=model, addressing=addressing, condensation=condensation, response=response
    )
    network = build_network(changed, data)
    limited = dataclasses.replace(changed, vocabulary_size=len(data.vocabulary))
    assert size_of(limited).num_parameters == num_parameters(network)


def count_embedded(network, notes, slots=None):
    seen = []
    hook = network.keys.words.register_forward_hook(lambda module, inputs, output: seen.append(len(output)))
    network.trace(notes, slots)
    hook.remove()
    return seen


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_embedded_once_per_step_however_many_notes_and_hops(config, data, model):
    network = network_of(config, data, model=model, hops=5)
    assert count_embedded(network, data.val.words) == [len(data.article_words)]


def test_retrieved_keys_are_embedded_once_however_many_notes_read_them(config, data):
    network = network_of(config, data, hash_keys=3)
    slots = torch.tensor([[0, 1, 2], [2, 1, 0], [1, 2, -1]])
    assert count_embedded(network, data.val.words[:3], slots) == [3]


@pytest.mark.parametrize("addressing", ["softmax", "sigmoid", "gated"])
def test_retrieving_all_articles_is_attending_to_all(config, data, addressing):
    network = network_of(config, data, addressing=addressing)
    everything = torch.arange(8).flip(0).expand(5, 8)
    torch.testing.assert_close(
        network.trace(data.val.words[:5], everything).logits, network(data.val.words[:5])
    )


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("condensation", ["halves", "printed"])
@pytest.mark.parametrize("condensing_init", ["orthogonal", "uniform"])
def test_every_variant_answers_the_numbers_that_are_kept_as_a_model_s_example(
    config, data, response, condensation, condensing_init
):
    network = network_of(
        config, data, response=response, condensation=condensation, condensing_init=condensing_init
    )
    assert network(torch.arange(1, 13).view(4, 3)).shape == (4, 6)


def test_a_network_with_hashed_keys_looks_its_articles_up_by_itself(config, data):
    network = network_of(config, data, hash_keys=3)
    slots = network.index.retrieve(data.val.words, num_slots=3)
    torch.testing.assert_close(network(data.val.words), network.trace(data.val.words, slots).logits)


def test_titles_and_pages_change_places(config, data):
    network = network_of(config, data, keys="titles")
    assert torch.equal(network.key_words, data.title_words)
    assert torch.equal(network.value_words, data.article_words)


def test_the_seed_alone_makes_the_weights(config, data):
    one, two = (network_of(config, data).state_dict() for _ in range(2))
    other = network_of(config, data, seed=1).state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["out.weight"], other["out.weight"])


@pytest.mark.parametrize(
    ("field", "value"), [("model", "lstm"), ("response", "joined"), ("condensing_init", "zero")]
)
def test_a_name_that_is_not_known_is_refused(config, data, field, value):
    with pytest.raises(ValueError, match=f"{field} must be one of"):
        MemoryNetwork(
            **{"model": "condensed", "response": "concatenated", "condensing_init": "uniform", field: value},
            article_words=data.article_words,
            title_words=data.title_words,
            vocabulary_size=50,
            num_labels=6,
            hops=1,
            addressing="softmax",
            embedding_dim=4,
            slot_dim=4,
            title_dim=4,
            gate_dim=2,
            dropout=0.0,
        )
