import dataclasses

import pytest
import torch
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.defenses.jpeg import compress_as_jpeg
from thesis_workloads.saliency.pretrained import ClassifierMaps
from thesis_workloads.systems.aug_ms_roi.config import RegionDefenseConfig
from thesis_workloads.systems.aug_ms_roi.defense import check_defense, defend_by_regions, map_for_defense

PLAIN = RegionDefenseConfig(map="plain", quality=30, q_low=5, q_high=80)


class LeftNetwork:
    """Sees its one class in the left half of any image."""

    input_size, stride = 64, 8

    def activity(self, images):
        from thesis_workloads.saliency.class_activity import ClassActivity

        maps = torch.zeros(len(images), 1, images.shape[2] // 8, images.shape[3] // 8)
        maps[..., : maps.shape[3] // 2] = 1
        return ClassActivity(maps=maps, totals=maps.mean((2, 3)))

    def perturbable_layers(self):
        return []


def textured(count=2):
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(count, 3, 32, 32, generator=generator)
    return nn.functional.interpolate(small, size=(64, 64), mode="bilinear").clamp(0, 1)


def error(defended, images):
    return (defended - images).square().mean((0, 1, 2))


def test_what_the_map_marks_keeps_more_of_itself():
    images = textured()
    change = error(defend_by_regions(PLAIN, LeftNetwork(), images, torch.tensor([1, 2])), images)
    assert change[:24].mean() < 0.5 * change[40:].mean()


def test_without_a_map_it_is_plain_jpeg():
    images = textured()
    config = dataclasses.replace(PLAIN, map="none")
    expected = compress_as_jpeg(images, quality=30)
    assert torch.equal(defend_by_regions(config, None, images, torch.tensor([1, 2])), expected)


def test_a_row_does_not_depend_on_its_neighbours():
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 6, 16, stride=32), nn.ReLU())
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 9))
    classifier = Classifier(trunk, tail, name="small", input_size=64, class_names=tuple("abcdefghi"))
    network, images = ClassifierMaps(classifier, input_size=64), textured(3)
    config = RegionDefenseConfig(map="augmented", perturbation_scale=0.5)
    seeds = torch.tensor([4, 5, 6])
    together = map_for_defense(config, network, images, seeds)
    alone = map_for_defense(config, network, images[2:], seeds[2:])
    torch.testing.assert_close(together[2:], alone)


def test_a_map_without_a_network_and_unknown_names_are_refused():
    with pytest.raises(ValueError, match="network must be given"):
        defend_by_regions(PLAIN, None, textured(), torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="map must be one of"):
        check_defense(RegionDefenseConfig(map="smooth"))
    with pytest.raises(ValueError, match="network must be one of"):
        check_defense(RegionDefenseConfig(network="nowhere.pt"))
