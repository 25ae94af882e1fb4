import numpy as np
import pytest
import torch

from thesis_workloads.datasets.images.label_noise import check_label_noise, noisy_labels
from thesis_workloads.datasets.readers.splits import load_images

LABELS = np.arange(1000) % 10


def noisy(share, seed=0, chosen=None, labels=LABELS):
    return noisy_labels(
        labels, np.arange(len(labels)) if chosen is None else chosen, num_classes=10, share=share, seed=seed
    )


def digits(**changes):
    return load_images("digits", data_dir=None, **({"num_train": 300, "num_val": 200} | changes))


def test_the_share_is_redrawn_and_nine_tenths_of_that_are_wrong():
    wrong = (noisy(0.3) != LABELS).mean()
    assert wrong == pytest.approx(0.27, abs=0.02)
    assert (noisy(0.0) == LABELS).all()


def test_what_is_drawn_is_uniform_over_the_classes():
    counts = np.bincount(noisy(1.0, labels=np.zeros(20_000, dtype=np.int64)), minlength=10)
    assert counts.min() > 0.9 * 2000
    assert counts.max() < 1.1 * 2000


def test_a_larger_share_keeps_what_a_smaller_one_redrew():
    few, many = noisy(0.2), noisy(0.5)
    changed = few != LABELS
    assert (many[changed] == few[changed]).all()


def test_an_image_is_drawn_the_same_class_whoever_else_is_chosen():
    all_redrawn = noisy(1.0)
    some = np.arange(3, 1000, 7)
    assert (noisy(1.0, chosen=some) == all_redrawn[some]).all()


def test_another_seed_is_another_noise():
    assert (noisy(0.3) == noisy(0.3)).all()
    assert (noisy(0.3) != noisy(0.3, seed=1)).any()


def test_only_training_labels_change_and_the_digest_tells():
    clean, loaded = digits(), digits(label_noise=0.3)
    assert (clean.train.labels != loaded.train.labels).sum() == pytest.approx(81, abs=20)
    assert torch.equal(clean.train.images, loaded.train.images)
    for part in ("val", "test"):
        assert torch.equal(getattr(clean, part).labels, getattr(loaded, part).labels)
        assert torch.equal(getattr(clean, part).images, getattr(loaded, part).images)
    digests = {each.digest for each in (clean, loaded, digits(label_noise=0.3, noise_seed=1))}
    assert len(digests) == 3


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_its_bounds_is_refused(share):
    with pytest.raises(ValueError, match=r"label_noise must be within 0..1, got label_noise="):
        digits(label_noise=share)


def test_a_set_without_classes_is_refused():
    check_label_noise("folder", share=0.0, num_classes=1)
    with pytest.raises(ValueError, match="label_noise must be 0 for folder, which has 1 classes"):
        check_label_noise("folder", share=0.3, num_classes=1)


def test_nearest_neighbours_reach_on_digits_what_the_reports_say_of_them():
    reached = []
    for noise, count in ((0.0, 1), (0.3, 1), (0.3, 5)):
        data = digits(num_val=500, label_noise=noise)
        distances = torch.cdist(data.test.images.flatten(1), data.train.images.flatten(1))
        nearest = data.train.labels[distances.topk(count, largest=False).indices].mode(1).values
        reached.append(100 * (nearest == data.test.labels).float().mean().item())
    assert reached == pytest.approx([96.1, 70.8, 89.0], abs=0.05)
