import torch
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.evaluate import defend_images, saliency_of

IMAGES = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
IDS = torch.tensor([10, 11, 12, 13])
CONFIG = PixelDeflectionConfig(num_deflections=400, num_votes=5)


def small_classifier():
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.ReLU())
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 12))
    return Classifier(trunk, tail, name="small", input_size=32, class_names=tuple("abcdefghijkl"))


def test_the_map_is_left_out_where_the_config_says_so():
    classifier = small_classifier()
    assert saliency_of(PixelDeflectionConfig(use_rcam=False), classifier, IMAGES) is None
    assert saliency_of(CONFIG, classifier, IMAGES).shape == (4, 32, 32)


def test_an_image_depends_on_its_id_and_not_on_its_batch():
    together = defend_images(CONFIG, IMAGES, IDS, saliency=None)
    order = torch.tensor([2, 0])
    torch.testing.assert_close(
        defend_images(CONFIG, IMAGES[order], IDS[order], saliency=None), together[order]
    )


def test_draws_and_seeds_give_different_images():
    first = defend_images(CONFIG, IMAGES, IDS, saliency=None)
    assert not torch.equal(first, defend_images(CONFIG, IMAGES, IDS, saliency=None, draw=1))
    other = PixelDeflectionConfig(num_deflections=400, seed=1)
    assert not torch.equal(first, defend_images(other, IMAGES, IDS, saliency=None))


def test_denoisers_are_read_in_order():
    config = PixelDeflectionConfig(denoisers="wavelet+jpeg", num_deflections=0)
    twice = defend_images(config, IMAGES, IDS, saliency=None)
    once = defend_images(PixelDeflectionConfig(num_deflections=0), IMAGES, IDS, saliency=None)
    last = defend_images(PixelDeflectionConfig(denoisers="jpeg", num_deflections=0), once, IDS, saliency=None)
    assert torch.equal(twice, last)
