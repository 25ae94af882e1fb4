"""A small classifier and labelled images that it gets right."""

import pytest
import torch
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier


def coarse_images():
    coarse = torch.rand(6, 3, 6, 6, generator=torch.Generator().manual_seed(2))
    return nn.functional.interpolate(coarse, size=32, mode="bilinear")


@pytest.fixture
def classifier() -> Classifier:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        trunk = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU())
        tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 12))
    nn.init.normal_(tail[2].weight, std=30.0, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        # Around the mean image all classes are as likely, so that different images get different ones.
        means = trunk(coarse_images()).mean((0, 2, 3))
        tail[2].bias.copy_(-tail[2].weight @ means)
    return Classifier(trunk, tail, name="tiny", input_size=32, class_names=tuple("abcdefghijkl"))


@pytest.fixture
def right(classifier):
    """Images, labels and ids."""
    images = coarse_images()
    with torch.no_grad():
        return images, classifier(images).argmax(1), torch.arange(6) + 50
