import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.saliency.cam import (
    class_activation_map,
    class_maps,
    robust_activation_map,
)

IMAGES = torch.rand(3, 3, 30, 42, generator=torch.Generator().manual_seed(0))


def small_classifier(tail=None, trunk=None):
    torch.manual_seed(1)
    trunk = trunk or nn.Sequential(nn.Conv2d(3, 4, 6, stride=6), nn.ReLU())
    tail = tail or nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 9))
    return Classifier(trunk, tail, name="small", input_size=30, class_names=tuple("abcdefghi"))


def robust_map_by_a_loop(classifier, image, top_k):
    """Equations 4.4 and 4.5 term by term."""
    features, head = classifier.features(image[None])[0], classifier.linear_head
    ranked = classifier(image[None])[0].argsort(descending=True)[:top_k].tolist()
    total = torch.zeros(features.shape[1:])
    for rank, label in enumerate(ranked, start=1):
        for k in range(len(features)):
            total += head.weight[label, k] * features[k] / 2**rank
    large = F.interpolate(total.clamp(min=0)[None, None], size=image.shape[1:], mode="bilinear")[0, 0]
    return large / large.max()


@pytest.mark.parametrize("top_k", [1, 5])
def test_it_equals_the_equations_term_by_term(top_k):
    classifier = small_classifier()
    expected = torch.stack([robust_map_by_a_loop(classifier, image, top_k) for image in IMAGES])
    torch.testing.assert_close(robust_activation_map(classifier, IMAGES, top_k=top_k), expected)


def test_a_hand_made_case():
    # Three maps, each lit in one corner; logits rank the classes 0, 1, 2 and each class looks at one map.
    trunk = nn.Conv2d(3, 3, 1, bias=False)
    trunk.weight.data = torch.eye(3).view(3, 3, 1, 1)
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    tail[2].weight.data, tail[2].bias.data = torch.eye(3), torch.tensor([2.0, 1.0, 0.0])
    image = torch.zeros(1, 3, 2, 2)
    image[0, 0, 0, 0] = image[0, 1, 0, 1] = image[0, 2, 1, 0] = 1
    result = robust_activation_map(small_classifier(tail, trunk), image, top_k=3)
    torch.testing.assert_close(result[0], torch.tensor([[1.0, 0.5], [0.25, 0.0]]))


def test_with_one_class_the_robust_map_is_the_plain_one():
    classifier = small_classifier()
    torch.testing.assert_close(
        robust_activation_map(classifier, IMAGES, top_k=1), class_activation_map(classifier, IMAGES)
    )


def test_the_map_lies_between_zero_and_one_and_reaches_one():
    maps = robust_activation_map(small_classifier(), IMAGES)
    assert maps.shape == (3, 30, 42)
    assert float(maps.min()) >= 0
    assert maps.amax((1, 2)).tolist() == [1.0] * 3


def test_the_map_is_aligned_with_the_image():
    # A bright square around pixel (9, 33): the lit cell's centre is where the map must peak.
    trunk = nn.Sequential(nn.AvgPool2d(6), nn.Conv2d(3, 4, 1))
    trunk[1].weight.data, trunk[1].bias.data = torch.ones(4, 3, 1, 1), torch.zeros(4)
    classifier = small_classifier(trunk=trunk)
    classifier.linear_head.weight.data = torch.ones(9, 4)
    image = torch.zeros(1, 3, 30, 42)
    image[..., 6:12, 30:36] = 1
    row, column = divmod(int(robust_activation_map(classifier, image)[0].argmax()), 42)
    assert 6 <= row < 12
    assert 30 <= column < 36


def test_a_map_without_any_evidence_is_zero():
    classifier = small_classifier()
    classifier.linear_head.weight.data = -torch.ones(9, 4)
    assert float(robust_activation_map(classifier, IMAGES).abs().max()) == 0


def test_gradients_give_the_linear_heads_map_up_to_a_factor():
    classifier = small_classifier()
    classes = torch.tensor([[0, 3], [5, 1], [8, 2]])
    features = classifier.features(IMAGES)
    plain = class_maps(classifier, features, classes)
    tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), classifier.linear_head, nn.Linear(9, 9))
    tail[3].weight.data, tail[3].bias.data = torch.eye(9), torch.zeros(9)
    with_two_layers = small_classifier(tail, classifier.trunk)
    factor = features.shape[2] * features.shape[3]
    torch.testing.assert_close(class_maps(with_two_layers, features, classes) * factor, plain)


def test_a_map_does_not_depend_on_the_rest_of_its_batch():
    classifier = small_classifier()
    together = robust_activation_map(classifier, IMAGES)
    torch.testing.assert_close(together[1:2], robust_activation_map(classifier, IMAGES[1:2]))


def test_no_class_at_all_is_refused():
    with pytest.raises(ValueError, match="top_k"):
        robust_activation_map(small_classifier(), IMAGES, top_k=0)
