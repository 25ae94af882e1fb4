import dataclasses

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.condensed_memory.model import MODELS
from thesis_workloads.systems.condensed_memory.train import Objective, build_network, train


def run(config, data, **changes):
    reporter = MemoryReporter()
    train(dataclasses.replace(config, **changes), data, reporter)
    return reporter.rows


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("addressing", ["softmax", "gated"])
def test_it_learns_a_tiny_batch_by_heart(config, data, model, addressing):
    few = dataclasses.replace(data.train, words=data.train.words[:8], labels=data.train.labels[:8])
    tiny = dataclasses.replace(data, train=few, val=few, test=few)
    rows = run(config, tiny, model=model, addressing=addressing, epochs=150, dropout=0.0, learning_rate=0.02)
    assert rows[-1]["val/hamming_loss"] == 0
    assert rows[-1]["train/loss"] < 0.1 * rows[0]["train/loss"]


def test_a_note_read_with_its_articles_is_diagnosed_on_unseen_notes(config, data):
    row = run(config, data, epochs=60, learning_rate=0.02, dropout=0.0)[-1]
    assert row["test/auc"] > 0.9
    assert row["test/precision_at_5"] > row["test/precision_at_5_by_frequency"]


def test_the_test_part_is_read_in_the_last_epoch_only(config, data):
    rows = run(config, data)
    assert ["test/auc" in row for row in rows] == [False, False, True]


def test_the_test_part_is_touched_once(config, data):
    touched = []

    class Watched(type(data)):
        @property
        def test(self):
            touched.append(len(touched))
            return data.test

        @test.setter
        def test(self, part):
            raise AssertionError

    values = {field.name: getattr(data, field.name) for field in dataclasses.fields(data)}
    watched = object.__new__(Watched)
    for name in values.keys() - {"test"}:
        object.__setattr__(watched, name, values[name])
    train(config, watched, MemoryReporter(keep_state=False))
    assert touched == [0]


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_the_loss_is_that_of_the_labels_and_the_weighted_one_of_the_slots(config, data, weight):
    objective = Objective(build_network(config, data), data.article_of_label, slot_loss_weight=weight)
    total, (of_labels, of_slots) = objective(data.train.words, data.train.labels, None)
    assert of_slots > 0
    assert float(total.detach()) == pytest.approx(float(of_labels + weight * of_slots), rel=1e-6)


def test_labels_without_an_article_ask_for_no_slot(config, data):
    network = build_network(config, data).eval()
    articles = torch.tensor([0, -1, -1, -1, -1, -1])
    objective = Objective(network, articles, slot_loss_weight=1.0)
    relevant = objective._relevant(torch.ones(1, 6), network.trace(data.val.words[:1]))
    assert relevant.tolist() == [[True] + [False] * 7]


def test_relevant_slots_follow_the_retrieved_articles(config, data):
    network = build_network(dataclasses.replace(config, hash_keys=3), data).eval()
    objective = Objective(network, data.article_of_label, slot_loss_weight=1.0)
    labels = torch.tensor([[0.0, 1.0, 0.0, 0.0, 0.0, 1.0]])
    trace = network.trace(data.val.words[:1], torch.tensor([[5, 0, -1]]))
    assert objective._relevant(labels, trace).tolist() == [[True, False, False]]


def test_gradients_are_clipped(config, data):
    free = run(config, data, epochs=1)[0]
    clipped = run(config, data, epochs=1, max_gradient_norm=1e-9)[0]
    assert clipped["train/gradient_norm"] > 1e-9
    assert clipped["val/loss"] != free["val/loss"]


def test_a_loss_that_is_not_finite_stops_the_run(config, data):
    with pytest.raises(FloatingPointError, match="train/loss became"):
        run(config, data, learning_rate=1e30)


def test_a_wrong_setting_is_named_before_any_training(config, data):
    with pytest.raises(ValueError, match="did you mean condensed"):
        run(config, data, model="condenced")
