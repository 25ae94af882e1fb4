import pytest
import torch

from thesis_workloads.attacks.budget import (
    epsilon_of_normalised_l2,
    normalised_l2,
    reach_normalised_l2,
    scale_to_normalised_l2,
)
from thesis_workloads.attacks.single_step import fgsm, gradient_attack


def test_a_uniform_change_has_its_own_value_as_size():
    clean = torch.full((2, 3, 4, 4), 0.5)
    torch.testing.assert_close(normalised_l2(clean + 0.02, clean), torch.full((2,), 0.02))


def test_the_size_does_not_depend_on_the_units():
    clean = torch.full((1, 3, 4, 4), 100.0)
    size = normalised_l2(clean + 5.1, clean, bounds=(0.0, 255.0))
    torch.testing.assert_close(size, torch.tensor([0.02]), rtol=1e-4, atol=0)


def test_the_epsilon_of_a_size_gives_that_size_unclipped(linear):
    epsilon = epsilon_of_normalised_l2(0.02, (3, 4, 4), norm="l2")
    found = gradient_attack(linear.model, linear.inputs, linear.labels, epsilon=epsilon)
    torch.testing.assert_close(normalised_l2(found, linear.inputs), torch.full((6,), 0.02))
    found = fgsm(linear.model, linear.inputs, linear.labels, epsilon=0.02)
    torch.testing.assert_close(normalised_l2(found, linear.inputs), torch.full((6,), 0.02))


@pytest.mark.parametrize("factor", [0.1, 30.0])
def test_scaling_reaches_the_size_in_spite_of_clipping(factor):
    generator = torch.Generator().manual_seed(3)
    clean = torch.rand(4, 3, 8, 8, generator=generator)
    change = 0.05 * factor * torch.randn(4, 3, 8, 8, generator=generator)
    found = scale_to_normalised_l2(clean + change, clean, target=0.1)
    torch.testing.assert_close(normalised_l2(found, clean), torch.full((4,), 0.1), rtol=1e-4, atol=0)


def test_a_budget_leaves_smaller_perturbations_alone():
    clean = torch.full((2, 1, 4, 4), 0.5)
    adversarial = clean + torch.tensor([0.01, 0.05]).reshape(2, 1, 1, 1)
    found = scale_to_normalised_l2(adversarial, clean, target=0.02, only_shrink=True)
    torch.testing.assert_close(normalised_l2(found, clean), torch.tensor([0.01, 0.02]), rtol=1e-4, atol=0)


def test_an_unchanged_image_stays_unchanged():
    clean = torch.full((1, 1, 4, 4), 0.5)
    torch.testing.assert_close(scale_to_normalised_l2(clean, clean, target=0.1), clean)


def test_repeating_an_attack_reaches_the_size_where_clipping_bites(linear):
    inputs = linear.inputs.clone()
    inputs[:, :, :2] = 0.99  # half of the values can hardly rise
    labels = linear.model(inputs).argmax(1)
    found = reach_normalised_l2(
        lambda rows, epsilon: fgsm(linear.model, inputs[rows], labels[rows], epsilon=epsilon),
        inputs,
        target=0.05,
        initial_epsilon=0.05,
    )
    torch.testing.assert_close(normalised_l2(found, inputs), torch.full((6,), 0.05), rtol=0.011, atol=0)


def test_a_target_of_zero_is_refused():
    clean = torch.zeros(1, 1, 2, 2)
    with pytest.raises(ValueError, match="target"):
        scale_to_normalised_l2(clean, clean, target=0.0)
    with pytest.raises(ValueError, match="target"):
        reach_normalised_l2(lambda rows, epsilon: clean, clean, target=0.0, initial_epsilon=1.0)
