import pytest
import torch
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.saliency.maps import region_map
from thesis_workloads.saliency.pretrained import ClassifierMaps
from thesis_workloads.systems.aug_ms_roi.augmented import augmented_map, perturbed_maps
from thesis_workloads.systems.aug_ms_roi.perturbation import Noise, perturbed

SEEDS = torch.tensor([3, 2**61, 12])


def small_network():
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 6, 16, stride=16), nn.ReLU())
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 9))
    classifier = Classifier(trunk, tail, name="small", input_size=64, class_names=tuple("abcdefghi"))
    return ClassifierMaps(classifier, input_size=64)


IMAGES = torch.rand(3, 3, 64, 96, generator=torch.Generator().manual_seed(1))


def test_without_noise_it_is_the_plain_map():
    found = augmented_map(small_network(), IMAGES, SEEDS, scale=0.0)
    torch.testing.assert_close(found, region_map(small_network(), IMAGES))


def test_an_images_map_depends_on_its_seed_and_not_on_the_batch_around_it():
    network = small_network()
    together = augmented_map(network, IMAGES, SEEDS)
    alone = augmented_map(network, IMAGES[1:2], SEEDS[1:2])
    torch.testing.assert_close(together[1:2], alone)
    other = augmented_map(network, IMAGES[1:2], SEEDS[:1])
    assert (other - alone).abs().max() > 1e-3


def test_the_copies_of_one_image_differ_from_each_other():
    maps = perturbed_maps(small_network(), IMAGES, SEEDS, num_perturbations=3, scale=0.3)
    assert maps.shape[:2] == (3, 3)
    assert all((maps[:, a] - maps[:, b]).abs().amax((1, 2)).min() > 1e-3 for a, b in [(0, 1), (0, 2), (1, 2)])


def test_more_copies_extend_fewer_ones():
    few, many = (
        perturbed_maps(small_network(), IMAGES, SEEDS, num_perturbations=n, scale=0.3) for n in (2, 5)
    )
    torch.testing.assert_close(many[:, :2], few)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_noise_has_the_stated_share_of_each_rows_own_deviation(memory_format):
    values = (torch.randn(2, 16, 40, 40) * torch.tensor([1.0, 50.0]).view(2, 1, 1, 1) + 3).contiguous(
        memory_format=memory_format
    )
    added = Noise(SEEDS[:2], scale=0.25).added_to(values) - values
    share = added.flatten(1).std(1) / values.flatten(1).std(1)
    torch.testing.assert_close(share, torch.full((2,), 0.25), rtol=0.02, atol=0)
    assert added.is_contiguous(memory_format=memory_format)


def test_every_layer_is_perturbed_and_left_clean_afterwards():
    layers = [nn.Identity(), nn.Identity()]
    values = torch.randn(3, 5, 8, 8)
    network = nn.Sequential(*layers)
    with perturbed(layers, Noise(SEEDS, scale=1.0)):
        twice = network(values) - values
    assert 1.5 < float(twice.std() / values.std()) < 2.0  # 1 from the first, sqrt(2) from the second: sqrt(3)
    assert torch.equal(network(values), values)


def test_the_trunks_blocks_are_the_layers():
    assert [type(layer) for layer in small_network().perturbable_layers()] == [nn.Conv2d, nn.ReLU] * 2


def test_no_copies_or_a_negative_scale_are_refused():
    for wrong in ({"num_perturbations": 0}, {"scale": -0.1}):
        with pytest.raises(ValueError, match="must be 1 or more and scale not negative"):
            augmented_map(small_network(), IMAGES, SEEDS, **wrong)
