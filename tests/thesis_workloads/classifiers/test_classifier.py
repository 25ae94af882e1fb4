import torch
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier


def small_classifier(tail):
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 6, 3, stride=4), nn.ReLU())
    return Classifier(
        trunk,
        tail,
        name="small",
        input_size=32,
        class_names=("a", "b"),
        mean=(0.5, 0.4, 0.3),
        deviation=(0.2, 0.3, 0.4),
    )


def test_logits_are_the_tail_of_the_trunk_of_the_standardised_image():
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    classifier, images = small_classifier(tail), torch.rand(2, 3, 32, 32)
    standard = (images - torch.tensor([0.5, 0.4, 0.3]).view(3, 1, 1)) / torch.tensor([0.2, 0.3, 0.4]).view(
        3, 1, 1
    )
    torch.testing.assert_close(classifier(images), classifier.tail(classifier.trunk(standard)))


def test_gradients_reach_the_images_and_no_parameter():
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    classifier, images = small_classifier(tail), torch.rand(2, 3, 32, 32, requires_grad=True)
    classifier(images).sum().backward()
    assert images.grad is not None
    assert not any(parameter.requires_grad for parameter in classifier.parameters())


def test_one_linear_layer_is_the_head_and_two_are_none():
    one = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    two = nn.Sequential(nn.Flatten(), nn.Linear(384, 8), nn.ReLU(), nn.Linear(8, 2))
    assert small_classifier(one).linear_head is one[2]
    assert small_classifier(two).linear_head is None
