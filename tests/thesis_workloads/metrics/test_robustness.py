import math

import pytest
import torch

from thesis_workloads.metrics.robustness import (
    Share,
    destruction_rate,
    normalised_l2,
    robust_accuracy,
    vote,
)

LABELS = torch.tensor([0, 1, 2, 3, 4, 5])
CLEAN = torch.tensor([0, 1, 2, 3, 4, 0])  # the last image was wrong before any attack
ADVERSARIAL = torch.tensor([9, 9, 9, 3, 4, 9])  # the attack fools three of the five that entered
DEFENDED = torch.tensor([0, 1, 8, 3, 7, 5])  # two come back, one that wasn't fooled is lost


def test_only_images_right_before_the_attack_enter_the_accuracy():
    assert robust_accuracy(ADVERSARIAL, LABELS, clean_predictions=CLEAN) == Share(hits=2, total=5)
    assert robust_accuracy(DEFENDED, LABELS, clean_predictions=CLEAN) == Share(hits=3, total=5)


def test_only_images_that_the_attack_fooled_enter_the_destruction_rate():
    rate = destruction_rate(DEFENDED, LABELS, clean_predictions=CLEAN, adversarial_predictions=ADVERSARIAL)
    assert rate == Share(hits=2, total=3)


def test_without_a_single_success_of_the_attack_there_is_no_rate():
    rate = destruction_rate(DEFENDED, LABELS, clean_predictions=CLEAN, adversarial_predictions=LABELS)
    assert rate.total == 0
    assert math.isnan(rate.value)


def test_wilsons_interval_is_the_textbooks():
    low, high = Share(hits=8, total=10).interval()
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_the_vote_takes_the_commonest_class():
    runs = torch.tensor([[1, 7], [2, 7], [2, 3], [1, 3], [2, 3]])
    assert vote(runs).tolist() == [2, 3]


def test_of_tied_classes_the_one_that_came_first_wins():
    runs = torch.tensor([[5, 4], [2, 1], [5, 1], [2, 4], [9, 7]])
    assert vote(runs).tolist() == [5, 4]


def test_a_vote_of_one_is_that_prediction():
    assert vote(torch.tensor([[3, 1, 4]])).tolist() == [3, 1, 4]


def test_a_vote_of_nobody_is_refused():
    with pytest.raises(ValueError, match="R above 0"):
        vote(torch.zeros(0, 3, dtype=torch.int64))


def test_a_shift_of_every_pixel_is_its_own_normalised_l2():
    images = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    shift = torch.tensor([0.02, -0.04], dtype=torch.float64).view(2, 1, 1, 1)
    torch.testing.assert_close(normalised_l2(images, images + shift), shift.abs().flatten())
