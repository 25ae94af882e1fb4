import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.oracle import oracle_importance


def setting(batch_norm=True):
    network = build_network(
        "c3-5",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=batch_norm,
        dropout=0.0,
        seed=0,
    ).double()
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.bias)
    images = torch.randn(300, 1, 4, 4).double()
    return network, prunable_convs("c3-5", network), images, torch.randint(0, 3, (300,))


def accuracy_and_loss(network, images, labels):
    with torch.no_grad():
        logits = network.eval()(images)
    return (logits.argmax(1) == labels).double().mean().item(), F.cross_entropy(logits, labels).item()


@pytest.mark.parametrize("batch_norm", [False, True])
def test_each_score_is_the_drop_in_accuracy_of_a_network_without_that_filter(batch_norm):
    network, convs, images, labels = setting(batch_norm)
    scores = oracle_importance(network, convs, images, labels)
    base, _ = accuracy_and_loss(network, images, labels)
    for conv in convs:
        for index, score in enumerate(scores[conv.conv].tolist()):
            silenced = copy.deepcopy(network)
            for name in filter(None, (conv.conv, conv.norm)):
                for parameter in silenced.get_submodule(name).parameters():
                    parameter.data[index] = 0
            without, _ = accuracy_and_loss(silenced, images, labels)
            assert abs(score - (base - without)) < 0.5 / len(labels)


def test_among_equal_drops_the_filter_that_raises_the_loss_less_is_less_important():
    network, convs, images, labels = setting(batch_norm=False)
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.tensor([10.0, 0.0, 0.0]))
        network.head.weight[0, : 16 * 2] = 0.001
    scores = oracle_importance(network, convs, images, labels * 0)["conv3.conv"]
    assert 0 < scores[0] < 0.5 / len(labels)
    assert scores[2:].tolist() == [0, 0, 0]


def test_a_network_that_is_no_chain_is_ranked_the_same():
    network, convs, images, labels = setting()

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            for name, module in network.named_children():
                self.add_module(name, module)

        def forward(self, values):
            return network(values)

    whole = oracle_importance(Wrapped(), convs, images, labels)
    chained = oracle_importance(network, convs, images, labels)
    assert all(torch.allclose(whole[name], chained[name]) for name in chained)


def test_the_network_is_left_as_it_was():
    network, convs, images, labels = setting()
    before = copy.deepcopy(network.state_dict())
    expected = network.eval()(images[:2])
    network.train()
    oracle_importance(network, convs, images, labels)
    assert network.training
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in before.items())
    assert torch.equal(network.eval()(images[:2]), expected)


def test_the_oracle_without_images_is_refused():
    network, convs, images, labels = setting()
    with pytest.raises(ValueError, match="num_val must be at least 1 for the metric oracle"):
        oracle_importance(network, convs, images[:0], labels[:0])
