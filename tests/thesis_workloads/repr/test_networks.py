import pytest
import torch

from thesis_workloads.repr.networks import build_network, nearest_network, prunable_convs


def build(name, *, in_channels=3, size=8, batch_norm=False, dropout=0.0, seed=0):
    return build_network(
        name,
        in_channels=in_channels,
        image_size=(size, size),
        num_classes=10,
        batch_norm=batch_norm,
        dropout=dropout,
        seed=seed,
    )


@pytest.mark.parametrize(
    ("name", "expected"), [("c3-32", 19_584), ("c8-32", 66_144), ("c13-32", 112_704), ("c18-32", 159_264)]
)
def test_the_plain_networks_have_the_parameters_of_table_5_5(name, expected):
    network = build(name, batch_norm=True)
    total = sum(parameter.numel() for parameter in network.parameters())
    assert total - sum(parameter.numel() for parameter in network.head.parameters()) == expected


def test_c3_32_has_ninety_six_filters():
    network = build("c3-32")
    convs = prunable_convs("c3-32", network)
    assert sum(network.get_submodule(conv.conv).out_channels for conv in convs) == 96


def test_logits_have_one_column_per_class():
    assert build("c2-5", in_channels=1)(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_eighteen_layers_pass_a_signal_without_batch_norm():
    spread = build("c18-32")(torch.randn(16, 3, 8, 8)).std(0).mean()
    assert 0.1 < spread < 10


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, second, third = build("c2-4"), build("c2-4"), build("c2-4", seed=1)
    assert torch.equal(first.conv2.conv.weight, second.conv2.conv.weight)
    assert not torch.equal(first.conv2.conv.weight, third.conv2.conv.weight)


def test_dropout_follows_each_activation():
    network = build("c3-4", dropout=0.5)
    assert [type(module).__name__ for module in network.conv2] == ["Conv2d", "ReLU", "Dropout"]


@pytest.mark.parametrize(
    ("wrong", "nearest"), [("C3(32)", "c3-32"), ("c3_16", "c3-16"), ("c5x20", "c5-20"), ("c3-33a", "c3-33")]
)
def test_an_unknown_name_is_answered_with_the_nearest_right_one(wrong, nearest):
    assert nearest_network(wrong) == nearest
    with pytest.raises(ValueError, match=f"such as {nearest}, got model="):
        build(wrong)
