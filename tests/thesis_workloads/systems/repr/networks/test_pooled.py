import pytest
import torch

from thesis_workloads.systems.repr.networks.catalog import build_network
from thesis_workloads.systems.repr.networks.pooled import HalvingPool


def network(name, size=32, channels=3):
    return build_network(
        name,
        in_channels=channels,
        image_size=(size, size),
        num_classes=10,
        batch_norm=False,
        dropout=0.0,
        seed=0,
    )


def test_the_released_network_has_the_shapes_and_the_size_of_the_published_code():
    # Three 5x5 layers of 32 filters and 4x4x32 features behind three poolings of 32x32 images, biases included.
    convs = (3 * 25 + 1) * 32 + 2 * (32 * 25 + 1) * 32
    net = network("c3-32-released")
    assert sum(value.numel() for value in net.parameters()) == convs + (4 * 4 * 32 + 1) * 10 == 58_826
    assert [tuple(block.conv.weight.shape) for block in (net.conv1, net.conv2, net.conv3)] == [
        (32, 3, 5, 5),
        (32, 32, 5, 5),
        (32, 32, 5, 5),
    ]


def test_its_weights_start_from_a_normal_that_is_cut_off_at_two_deviations():
    weight = network("c3-32-released").conv2.conv.weight
    assert weight.abs().max() <= 0.08
    assert weight.std().item() == pytest.approx(0.04 * 0.880, rel=0.02)  # of a normal cut at two deviations


def test_the_pooled_network_has_the_formulas_kernels_and_a_smaller_head():
    net, plain = network("c3-32-pool"), network("c3-32")
    assert net.conv3.conv.weight.shape == plain.conv3.conv.weight.shape == (32, 32, 3, 3)
    assert net.head.in_features == 32 * 4 * 4
    assert net(torch.randn(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize("size", [1, 7, 8, 28, 31])
def test_a_pooling_halves_the_maps_and_sees_every_pixel(size):
    maps = torch.full((1, 1, size, size), -5.0)
    assert HalvingPool()(maps).shape[2:] == ((size + 1) // 2,) * 2
    for place in (0, size // 2, size - 1):
        marked = maps.clone()
        marked[0, 0, place, place] = 1
        assert HalvingPool()(marked).max() == 1
        assert HalvingPool()(maps).max() == -5


def test_a_pooling_of_even_maps_pads_at_the_end_alone():
    maps = torch.arange(16.0).view(1, 1, 4, 4)
    assert HalvingPool()(maps).flatten().tolist() == [10, 11, 14, 15]


def test_a_pool_that_has_one_pixel_left_is_refused():
    with pytest.raises(ValueError, match="model must leave more than one pixel to each pooling: 8x8 images"):
        network("c4-32-pool", size=8)
