import dataclasses

import pytest
import torch

from thesis_workloads.systems.condensed_memory.diagnose import diagnose
from thesis_workloads.systems.condensed_memory.train import build_network


def read(config, data, text="w1 w2 w9 unheard", top=3, **changes):
    network = build_network(dataclasses.replace(config, **changes), data)
    return network, diagnose(network, data, text, max_words=600, top=top)


def test_the_guesses_are_the_networks_likeliest_labels(config, data):
    network, found = read(config, data)
    shares = network(torch.tensor([[2, 3, 10]])).sigmoid()[0].detach()
    best = [(data.label_names[place], float(shares[place])) for place in shares.argsort(descending=True)[:3]]
    assert [
        (prediction.label, pytest.approx(prediction.probability)) for prediction in found.predictions
    ] == best


def test_every_hop_names_the_articles_it_read_most(config, data):
    network, found = read(config, data, hops=4)
    weights = network.trace(torch.tensor([[2, 3, 10]])).weights
    assert len(found.hops) == 4
    for readings, weight in zip(found.hops, weights, strict=True):
        assert readings[0].title == data.article_titles[int(weight[0].argmax())]
        assert [reading.weight for reading in readings] == sorted(weight[0].tolist(), reverse=True)[:3]


def test_with_hashed_keys_only_retrieved_articles_are_named(config, data):
    _, found = read(config, data, text="w1 w6", top=8, hash_keys=5)
    assert {reading.title for hop in found.hops for reading in hop} == {"disease 0", "disease 1"}


def test_known_words_are_counted_and_mentions_of_labels_are_not(config, data):
    _, found = read(config, data, text="Disease 3: w1, the W2 and unheard")
    assert (found.num_words, found.num_known) == (3, 2)


def test_a_note_without_a_known_word_is_refused(config, data):
    with pytest.raises(ValueError, match="words that the network knows"):
        read(config, data, text="nothing heard before")


def test_a_diagnosis_holds_no_word_of_the_note(config, data):
    _, found = read(config, data, text="w1 w2 zebraquark")
    assert "zebraquark" not in repr(found)
