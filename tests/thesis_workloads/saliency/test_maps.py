import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.saliency.cam import class_activation_map
from thesis_workloads.saliency.class_activity import ClassActivity
from thesis_workloads.saliency.maps import class_map, image_map, region_map
from thesis_workloads.saliency.pretrained import ClassifierMaps
from thesis_workloads.saliency.regions import regions_of_interest


class BrightnessNetwork:
    """Sees one class wherever an image is bright: where the map has to be is known."""

    input_size, stride = 64, 8

    def __init__(self):
        self.seen = []

    def activity(self, images):
        self.seen.append(images)
        maps = nn.functional.avg_pool2d(images.mean(1, keepdim=True), self.stride)
        return ClassActivity(maps=maps, totals=maps.mean((2, 3)))

    def perturbable_layers(self):
        return []


def image_with_a_square(height, width, *, top, left, side):
    image = torch.zeros(1, 3, height, width)
    image[:, :, top : top + side, left : left + side] = 1
    return image


def centre_of_mass(saliency):
    rows, columns = torch.meshgrid(*[torch.arange(n) + 0.5 for n in saliency.shape], indexing="ij")
    return torch.stack([(saliency * each).sum() / saliency.sum() for each in (rows, columns)])


@pytest.mark.parametrize(
    ("height", "width", "top", "left", "side"),
    [(100, 100, 10, 60, 30), (60, 200, 20, 150, 30), (333, 97, 250, 20, 60), (91, 300, 5, 5, 40)],
)
def test_a_map_lies_where_the_object_lies_at_any_size_and_aspect(height, width, top, left, side):
    image = image_with_a_square(height, width, top=top, left=left, side=side)
    saliency = region_map(BrightnessNetwork(), image)[0]
    assert saliency.shape == (height, width)
    middle = torch.tensor([top + side / 2, left + side / 2])
    cell = min(height, width) / 8
    assert (centre_of_mass(saliency) - middle).abs().max() < 0.3 * cell
    assert (float(saliency.min()), float(saliency.max())) == (0.0, 1.0)


def test_an_image_of_the_networks_own_size_reaches_it_untouched():
    network, image = BrightnessNetwork(), torch.rand(2, 3, 64, 96)
    region_map(network, image)
    assert torch.equal(network.seen[0], image)


def test_one_pixel_and_a_very_long_image_have_maps_of_their_size():
    network = BrightnessNetwork()
    assert region_map(network, torch.ones(1, 3, 1, 1)).shape == (1, 1, 1)
    assert region_map(network, torch.ones(1, 3, 2, 5000)).shape == (1, 2, 5000)
    assert max(each.numel() for each in network.seen) <= 3 * 64 * 4 * 64


def test_bytes_give_the_map_of_the_floats_that_they_stand_for():
    levels = torch.randint(0, 256, (1, 3, 64, 80), dtype=torch.uint8)
    network = BrightnessNetwork()
    torch.testing.assert_close(region_map(network, levels), region_map(network, levels.float() / 255))


def test_a_picture_gives_the_map_of_its_pixels():
    levels = (image_with_a_square(200, 300, top=20, left=150, side=100)[0] * 255).byte()
    image = Image.fromarray(levels.permute(1, 2, 0).numpy())
    found = image_map(BrightnessNetwork(), image)
    expected = region_map(BrightnessNetwork(), levels[None])[0]
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0)


def test_a_grid_of_blocks_covers_the_whole_image():
    image = image_with_a_square(64, 64, top=8, left=24, side=32)
    full, grid = (region_map(BrightnessNetwork(), image, output_size=size)[0] for size in (None, (8, 8)))
    assert grid.shape == (8, 8)
    torch.testing.assert_close(8 * centre_of_mass(grid), centre_of_mass(full), atol=0.5, rtol=0)


def hand_made_activity():
    maps = torch.tensor([[[[1.0, 0.0]], [[0.0, 2.0]], [[4.0, 0.0]]]])
    return ClassActivity(maps=maps, totals=torch.tensor([[0.5, 1.0, 2.0]]))


def test_classes_above_the_threshold_are_added_up():
    found = regions_of_interest(hand_made_activity(), threshold=0.7)
    assert found.tolist() == [[[4.0, 2.0]]]


def test_the_threshold_itself_is_not_above_it():
    assert regions_of_interest(hand_made_activity(), threshold=1.0).tolist() == [[[4.0, 0.0]]]


def test_where_no_class_passes_the_strongest_counts_alone():
    assert regions_of_interest(hand_made_activity(), threshold=9.0).tolist() == [[[4.0, 0.0]]]


def test_the_strongest_classes_are_weighted_by_rank():
    found = regions_of_interest(hand_made_activity(), top_k=2)
    assert found.tolist() == [[[4.0, 1.0]]]  # 1 x class 2, 1/2 x class 1


def test_more_classes_than_there_are_take_all():
    found = regions_of_interest(hand_made_activity(), top_k=5)
    torch.testing.assert_close(found, torch.tensor([[[4.0 + 1 / 3, 4 / 3]]]))


def small_classifier():
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 6, 32, stride=32), nn.ReLU())
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 9))
    return Classifier(trunk, tail, name="small", input_size=64, class_names=tuple("abcdefghi"))


def test_one_class_of_a_classifier_is_its_class_activation_map():
    classifier, images = small_classifier(), torch.rand(2, 3, 128, 160)
    found = class_map(ClassifierMaps(classifier), images)
    peak = (slice(None), slice(16, -16), slice(16, -16))
    expected = class_activation_map(classifier, images)
    torch.testing.assert_close(found[peak], expected[peak], atol=1e-5, rtol=1e-4)


def test_a_classifier_without_one_linear_head_is_refused():
    classifier = small_classifier()
    classifier.tail.append(nn.Linear(9, 9))
    with pytest.raises(ValueError, match="one linear layer"):
        ClassifierMaps(classifier)


def test_a_grey_picture_and_one_with_alpha_have_maps():
    for mode in ("L", "RGBA", "CMYK", "P"):
        image = Image.fromarray(np.full((40, 60, 3), 200, np.uint8)).convert(mode)
        assert image_map(BrightnessNetwork(), image).shape == (40, 60)
