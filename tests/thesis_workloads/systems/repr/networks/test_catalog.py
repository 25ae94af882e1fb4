import pytest
import torch

from thesis_workloads.systems.repr.networks.catalog import build_network, nearest_network, prunable_convs


def build(name, *, in_channels=3, size=8, num_classes=10, batch_norm=False, dropout=0.0, seed=0):
    return build_network(
        name,
        in_channels=in_channels,
        image_size=(size, size),
        num_classes=num_classes,
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


@pytest.mark.parametrize(
    ("name", "thousands"),
    [
        ("densenet-5", 1.692),  # printed 1.7
        ("densenet-40", 1015.232),  # printed 1016
        ("densenet-100", 6967.952),  # printed 6968
        ("resnet-20", 269.072),  # printed 269
        ("resnet-32", 463.504),  # printed 464
        ("resnet-110", 1727.312),  # printed 1727
        ("resnet-182", 2893.904),  # printed 2894
    ],
)
def test_dense_and_residual_networks_have_the_parameters_of_table_5_5(name, thousands):
    assert num_parameters(name) - num_parameters(name, only="head") == pytest.approx(1000 * thousands)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("resnet-18", {}, 11_689_512),
        ("resnet-34", {}, 21_797_672),
        ("resnet-50", {}, 25_557_032),
        ("resnet-101", {}, 44_549_160),
        ("resnet-152", {}, 60_192_808),
        ("vgg-16", {}, 138_357_544),
        ("vgg-16", {"batch_norm": True}, 138_365_992),
        ("googlenet", {"batch_norm": True}, 6_624_904),
    ],
)
def test_the_networks_for_large_images_have_the_parameters_that_torchvision_states(name, options, expected):
    assert num_parameters(name, num_classes=1000, **options) == expected


def num_parameters(name, *, only="", **options):
    with torch.device("meta"):
        network = build(name, size=32, **options)
    return sum(parameter.numel() for parameter in network.get_submodule(only).parameters())


@pytest.mark.parametrize("name", ["resnet-20", "densenet-7", "resnet-18", "googlenet"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_family_gives_logits_for_grey_images(name, batch_norm):
    network = build(name, in_channels=1, size=16, batch_norm=batch_norm)
    logits = network(torch.randn(2, 1, 16, 16))
    assert logits.shape == (2, 10)
    assert (logits[0] - logits[1]).abs().max() > 1e-6


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("resnet-21", {}, r"model must have 6n\+2 layers, such as resnet-20"),
        ("densenet-41", {}, r"model must have 5 or 3n\+4 layers, such as densenet-40"),
        ("densenet-40", {"size": 3}, "image_size must be at least 4x4 for densenet-40"),
        ("vgg-16", {}, "image_size must be at least 32x32 for vgg-16"),
        ("googlenet", {"size": 8}, "image_size must be at least 15x15 for googlenet"),
        ("resnet-20", {"dropout": 0.5}, "dropout must be 0 for residual networks"),
        ("resnet-18", {"dropout": 0.5}, "dropout must be 0 for residual networks"),
    ],
)
def test_what_a_family_has_not_is_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        build(name, **options)


def test_a_residual_block_adds_its_inputs_where_the_inner_part_is_silent():
    network = build("resnet-8").eval()
    block = network.get_submodule("stage2_1")
    torch.nn.init.zeros_(block.norm2.weight)
    inputs = torch.rand(2, 16, 8, 8)
    outputs = block(inputs)
    assert torch.equal(outputs[:, :16], inputs[:, :, ::2, ::2])
    assert outputs[:, 16:].abs().max() == 0


def test_c3_32_has_ninety_six_filters():
    network = build("c3-32")
    convs = prunable_convs("c3-32", network)
    assert sum(network.get_submodule(conv.conv).out_channels for conv in convs) == 96


def test_logits_have_one_column_per_class():
    assert build("c2-5", in_channels=1)(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_eighteen_layers_pass_a_signal_without_batch_norm():
    images = torch.randn(64, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    spread = build("c18-32")(images).std(0).mean()
    assert 0.05 < spread < 10


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, second, third = build("c2-4"), build("c2-4"), build("c2-4", seed=1)
    assert torch.equal(first.conv2.conv.weight, second.conv2.conv.weight)
    assert not torch.equal(first.conv2.conv.weight, third.conv2.conv.weight)


def test_dropout_follows_each_activation():
    network = build("c3-4", dropout=0.5)
    assert [type(module).__name__ for module in network.conv2] == ["Conv2d", "ReLU", "Dropout"]


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("C3(32)", "c3-32"),
        ("c3_16", "c3-16"),
        ("c5x20", "c5-20"),
        ("c3-33a", "c3-33"),
        ("ResNet20", "resnet-20"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_right_one(wrong, nearest):
    assert nearest_network(wrong) == nearest
    with pytest.raises(ValueError, match=f"such as {nearest}, got model="):
        build(wrong)
