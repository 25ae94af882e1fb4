from pathlib import Path

import numpy as np
import pytest
import torch

from thesis_workloads.datasets.catalog import locate
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.readers.digits import read_digits
from thesis_workloads.datasets.readers.raw import RawSet
from thesis_workloads.datasets.readers.splits import (
    channel_statistics,
    check_sizes,
    digest_of,
    load_images,
    split,
)


def digits(**changes):
    return load_images("digits", **({"data_dir": None, "num_train": 300, "num_val": 500} | changes))


def numbered_set(num_train=200, num_test=40):
    """A set in which pixel values tell which image it is, so that parts can be compared by index."""
    number = np.arange(num_train + num_test)
    images = np.zeros((len(number), 2, 3, 3), dtype=np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = number % 256, number // 256
    images[:, 1] = 7
    labels = (number % 5).astype(np.int64)
    return RawSet(
        train_images=images[:num_train],
        train_labels=labels[:num_train],
        test_images=images[num_train:],
        test_labels=labels[num_train:],
        version="1",
    )


def numbers_of(part):
    """Returns the standardised pixels that hold the number: distinct for distinct images."""
    return {tuple(row) for row in part.images[:, 0, 0, :2].round(decimals=4).tolist()}


def test_digits_come_in_the_sizes_asked_for():
    parts = digits()
    assert (len(parts.train), len(parts.val), len(parts.test)) == (300, 500, 997)
    assert parts.train.images.shape == (300, 1, 8, 8)


def test_images_are_float32_and_labels_int64():
    train = digits().train
    assert (train.images.dtype, train.labels.dtype) == (torch.float32, torch.int64)


def test_no_training_images_asked_for_means_all_that_are_left():
    assert len(digits(num_train=0, num_val=200).train) == 600


def test_the_training_part_has_mean_zero_and_deviation_one():
    train = digits().train
    assert train.images.mean().item() == pytest.approx(0, abs=1e-6)
    assert train.images.std(correction=0).item() == pytest.approx(1, abs=1e-6)


def test_the_other_parts_are_standardised_with_the_training_part():
    raw = read_digits(locate("digits", None))
    parts = digits()
    kept = raw.test_images.astype(np.float64)
    factor = kept.std() / parts.test.images.double().std(correction=0).item()
    restored = parts.test.images.double().numpy() * factor
    assert np.allclose(restored - restored.mean(), kept - kept.mean(), atol=1e-4)
    assert parts.test.images.mean().item() != pytest.approx(0, abs=1e-4)


def test_every_class_has_its_share_in_every_part():
    for part in (digits().train, digits().val, digits().test):
        share = part.labels.bincount() / len(part)
        assert (share - 0.1).abs().max() < 0.006


def test_no_image_is_in_two_parts():
    parts = split(numbered_set(), name="n", num_classes=5, num_train=60, num_val=50, split_seed=0)
    train, val, test = (numbers_of(part) for part in (parts.train, parts.val, parts.test))
    assert (len(train), len(val), len(test)) == (60, 50, 40)
    assert len(train | val | test) == 150


def test_images_keep_their_labels():
    parts = split(numbered_set(), name="n", num_classes=5, num_train=0, num_val=50, split_seed=0)
    pixel, known = parts.train.images[:, 0, 0, 0], parts.test.images[:, 0, 0, 0]
    number = 200 + (pixel - known[0]) / (known[-1] - known[0]) * 39  # the test images are 200..239
    assert torch.equal(number.round().long() % 5, parts.train.labels)


def test_a_channel_without_variation_becomes_zero():
    parts = split(numbered_set(), name="n", num_classes=5, num_train=60, num_val=50, split_seed=0)
    assert parts.train.images[:, 1].abs().max() == 0


def test_the_held_out_part_stays_when_the_training_part_grows():
    small, large = (
        split(numbered_set(), name="n", num_classes=5, num_train=size, num_val=50, split_seed=0)
        for size in (60, 150)
    )
    assert torch.equal(small.val.labels, large.val.labels)
    assert small.digest != large.digest


def test_the_test_part_of_digits_is_the_same_for_every_seed_and_size():
    labels = [
        digits(split_seed=seed, num_train=0, num_val=val).test.labels for seed, val in ((0, 500), (9, 100))
    ]
    assert torch.equal(*labels)


def test_digits_are_split_the_same_everywhere():
    parts = digits()
    assert (parts.name, parts.num_classes, parts.digest) == ("digits", 10, "51d341eab431c8e3")


def test_another_split_seed_is_another_digest():
    assert digits(split_seed=1).digest != digits().digest


def test_the_version_is_that_of_the_package():
    assert digits().version.startswith("scikit-learn ")


def test_the_digest_sees_one_pixel_and_one_label():
    images, labels = np.zeros((2, 1, 2, 2), dtype=np.uint8), np.zeros(2, dtype=np.int64)
    other_images, other_labels = images.copy(), labels.copy()
    other_images[1, 0, 1, 1], other_labels[1] = 1, 1
    parts = [(images, labels), (other_images, labels), (images, other_labels)]
    assert len({digest_of([part]) for part in parts}) == 3


def test_the_digest_sees_which_part_an_image_is_in():
    images, labels = np.zeros((3, 1, 2, 2), dtype=np.uint8), np.zeros(3, dtype=np.int64)
    one_and_two = digest_of([(images[:1], labels[:1]), (images[1:], labels[1:])])
    two_and_one = digest_of([(images[:2], labels[:2]), (images[2:], labels[2:])])
    assert one_and_two != two_and_one


def test_channel_statistics_agree_with_numpy():
    images = np.random.default_rng(0).integers(0, 256, size=(50, 3, 7, 5), dtype=np.uint8)
    mean, deviation = channel_statistics(images)
    assert np.allclose(mean, images.mean(axis=(0, 2, 3)), rtol=1e-12)
    assert np.allclose(deviation, images.std(axis=(0, 2, 3)), rtol=1e-12)


def test_too_many_training_images_are_refused_with_the_numbers_that_fit():
    with pytest.raises(
        ValueError, match=r"num_train must be in 10\.\.300.*digits has 800.*got num_train=301"
    ):
        digits(num_train=301)


@pytest.mark.parametrize("num_val", [0, 9, 791, -5])
def test_a_held_out_part_that_cannot_be_is_refused(num_val):
    with pytest.raises(ValueError, match=r"num_val must be in 10\.\.790 for digits"):
        check_sizes("digits", num_train=0, num_val=num_val)


def test_fewer_training_images_than_classes_are_refused():
    with pytest.raises(ValueError, match="num_train must be in 100"):
        check_sizes("cifar100", num_train=99, num_val=5_000)


def test_sizes_are_refused_before_files_are_looked_for():
    with pytest.raises(ValueError, match="num_val"):
        load_images("cifar10", data_dir=Path("/nowhere"), num_train=0, num_val=50_000)


def test_an_absent_set_is_reported():
    with pytest.raises(DatasetMissing, match="cifar10"):
        load_images("cifar10", data_dir=Path("/nowhere"), num_train=0, num_val=5_000)
