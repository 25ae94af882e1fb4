import pytest
import torch

from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.objective import (
    cross_entropy,
    difference_of_logits_ratio,
    input_gradient,
    is_adversarial,
    margin,
)

LOGITS = torch.tensor([[4.0, 1.0, 3.0, 0.0]])


def test_the_margin_is_the_best_wrong_logit_minus_the_labels():
    assert margin(LOGITS, torch.tensor([0])).item() == -1.0


def test_the_targeted_margin_is_the_target_minus_the_best_other():
    assert margin(LOGITS, torch.tensor([0]), torch.tensor([1])).item() == -3.0


def test_the_ratio_of_a_right_prediction_is_the_published_formula():
    expected = -(4.0 - 3.0) / (4.0 - 1.0)
    assert difference_of_logits_ratio(LOGITS, torch.tensor([0])).item() == pytest.approx(expected)


def test_the_ratio_of_a_wrong_prediction_is_positive():
    assert difference_of_logits_ratio(LOGITS, torch.tensor([2])).item() == pytest.approx(1.0 / 3.0)


def test_the_targeted_ratio_is_the_published_formula():
    expected = -(4.0 - 1.0) / (4.0 - 0.5 * (1.0 + 0.0))
    found = difference_of_logits_ratio(LOGITS, torch.tensor([0]), torch.tensor([1])).item()
    assert found == pytest.approx(expected)


def test_the_ratio_needs_three_classes():
    with pytest.raises(ValueError, match="at least 3 classes"):
        difference_of_logits_ratio(LOGITS[:, :2], torch.tensor([0]))


def test_success_is_any_wrong_class_or_the_target():
    logits = LOGITS.expand(2, -1)
    assert is_adversarial(logits, torch.tensor([0, 1])).tolist() == [False, True]
    assert is_adversarial(logits, torch.tensor([1, 1]), torch.tensor([0, 2])).tolist() == [True, False]


def test_the_gradient_is_per_sample_and_works_without_grad_mode():
    model = AttackModel(lambda images: images.flatten(1) @ torch.eye(4))
    images = torch.rand(3, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1, 2])
    with torch.no_grad():
        gradient, values, _ = input_gradient(model, images, labels, None, cross_entropy)
    expected = (images.flatten(1).softmax(1) - torch.eye(4)[labels]).reshape(3, 1, 2, 2)
    torch.testing.assert_close(gradient, expected)
    assert not values.requires_grad
