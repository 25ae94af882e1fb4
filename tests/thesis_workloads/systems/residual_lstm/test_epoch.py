"""The loss is the cross entropy of the words and the end, the step is clipped SGD on its mean per sentence."""

import copy

import pytest
import torch

from thesis_workloads.systems.residual_lstm.epoch import cross_entropy_per_word, summed_loss, train_epoch
from thesis_workloads.systems.residual_lstm.train import build

CPU = torch.device("cpu")


def by_hand(network, pairs, index):
    """One sentence, one word at a time."""
    source = pairs.sources.tokens[pairs.sources.starts[index] : pairs.sources.starts[index + 1]]
    target = pairs.targets.tokens[pairs.targets.starts[index] : pairs.targets.starts[index + 1]]
    logits = network(source[None], torch.tensor([len(source)]), torch.tensor([[1, *target.tolist()]]))
    logs = logits[0].log_softmax(-1)
    return -sum(logs[place, word] for place, word in enumerate([*target.tolist(), 1]))


@pytest.fixture
def network(toy_config, toy_data):
    return build(toy_config, num_words=len(toy_data.vocabulary))


def test_the_loss_of_a_batch_is_the_sum_over_its_sentences(network, toy_data):
    chosen = torch.tensor([3, 0, 11])
    loss, words = summed_loss(network, toy_data.train, chosen, device=CPU)
    torch.testing.assert_close(loss, sum(by_hand(network, toy_data.train, i) for i in chosen.tolist()))
    assert words == toy_data.train.targets.lengths[chosen].sum() + 3


def test_the_evaluation_is_the_mean_over_all_words(network, toy_data):
    total = sum(float(by_hand(network, toy_data.val, i).detach()) for i in range(len(toy_data.val)))
    words = int(toy_data.val.targets.lengths.sum()) + len(toy_data.val)
    found = cross_entropy_per_word(network, toy_data.val, device=CPU)
    assert found == pytest.approx(total / words, rel=1e-5)


@pytest.mark.parametrize("clip_norm", [1e-3, 1e3])
def test_a_step_is_clipped_descent_on_the_mean_per_sentence(network, toy_data, clip_norm):
    chosen, expected = torch.tensor([1, 2, 5]), copy.deepcopy(network)
    loss = sum(by_hand(expected, toy_data.train, i) for i in chosen.tolist()) / 3
    gradients = torch.autograd.grad(loss, list(expected.parameters()))
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    share = min(1.0, clip_norm / float(norm))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    train_epoch(network, optimizer, toy_data.train, batches=[chosen], clip_norm=clip_norm, device=CPU)
    for before, after, gradient in zip(expected.parameters(), network.parameters(), gradients, strict=True):
        torch.testing.assert_close(after, before - 0.5 * share * gradient, rtol=1e-4, atol=1e-6)


def test_evaluation_leaves_the_network_in_its_mode(network, toy_data):
    network.train()
    cross_entropy_per_word(network, toy_data.val, device=CPU)
    assert network.training
