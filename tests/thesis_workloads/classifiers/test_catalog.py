import pytest
import torch
import torchvision

from thesis_workloads.classifiers.catalog import CATALOG, imagenet_class_names, load_classifier
from thesis_workloads.datasets.images.photographs import load_photographs, shipped_photographs

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.mark.parametrize("name", ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"])
def test_a_shipped_network_gets_seventeen_or_more_of_the_twenty_shipped_photographs_right(name):
    classifier = load_classifier(name)
    loaded = load_photographs(shipped_photographs(), size=classifier.input_size)
    with torch.inference_mode():
        logits = torch.cat([classifier(images) for images in loaded.images.split(4)])
    right = logits.argmax(1) == loaded.labels
    assert int(right.sum()) >= 17
    assert classifier.linear_head is not None


def test_class_names_are_imagenets_thousand():
    names = imagenet_class_names()
    assert (len(names), names[0], names[251]) == (1000, "tench", "dalmatian")


def assert_equals_torchvision(name, network, images, mean, deviation, tmp_path):
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    classifier = load_classifier(name, weights=tmp_path / "weights.pth")
    standard = torchvision.transforms.functional.normalize(images, mean, deviation)
    with torch.inference_mode():
        torch.testing.assert_close(classifier(images), network.eval()(standard), rtol=1e-4, atol=1e-4)


def test_resnet_50_from_a_path_gives_torchvisions_logits(tmp_path):
    network, images = torchvision.models.resnet50(), torch.rand(1, 3, 64, 64)
    assert_equals_torchvision("resnet-50", network, images, IMAGENET_MEAN, IMAGENET_DEVIATION, tmp_path)


@pytest.mark.slow
def test_vgg_19_from_a_path_gives_torchvisions_logits(tmp_path):
    network, images = torchvision.models.vgg19(), torch.rand(1, 3, 64, 64)
    assert_equals_torchvision("vgg-19", network, images, IMAGENET_MEAN, IMAGENET_DEVIATION, tmp_path)


@pytest.mark.slow
def test_inception_v3_from_a_path_gives_torchvisions_logits(tmp_path):
    # As torchvision loads it with published weights: with the auxiliary branch, and undoing ImageNet's scaling.
    network = torchvision.models.inception_v3(init_weights=False, transform_input=True)
    images = torch.rand(1, 3, 128, 128)
    assert_equals_torchvision("inception-v3", network, images, IMAGENET_MEAN, IMAGENET_DEVIATION, tmp_path)


@pytest.mark.parametrize("name", [name for name, recipe in CATALOG.items() if recipe.shipped is None])
def test_without_weights_the_ways_to_get_them_are_named(name):
    with pytest.raises(FileNotFoundError, match=r"file.*--weights.*efficientnet-lite0"):
        load_classifier(name)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="vgg-19"):
        load_classifier("alexnet")
