import pytest
import torch

from thesis_workloads.attacks.geometry import per_sample, project, unit_step


def test_a_number_and_one_per_sample_both_become_columns():
    images = torch.zeros(2, 3, 4, 4)
    assert per_sample(0.5, images).flatten().tolist() == [0.5, 0.5]
    assert per_sample(torch.tensor([1.0, 2.0]), images).shape == (2, 1, 1, 1)


@pytest.mark.parametrize("value", [-0.1, torch.tensor([1.0, -1.0]), torch.ones(3)])
def test_negative_or_misshapen_values_are_refused(value):
    with pytest.raises(ValueError, match="value must"):
        per_sample(value, torch.zeros(2, 3, 4, 4))


def test_the_l2_projection_keeps_the_direction():
    clean, images = torch.full((1, 1, 1, 2), 0.5), torch.tensor([0.8, 0.9]).reshape(1, 1, 1, 2)
    found = project(images, clean, epsilon=per_sample(0.1, clean), norm="l2", bounds=(0.0, 1.0))
    torch.testing.assert_close(found, torch.tensor([0.56, 0.58]).reshape(1, 1, 1, 2))


def test_the_linf_projection_cuts_each_value_and_the_bounds_come_last():
    clean, images = (
        torch.tensor([0.5, 0.95]).reshape(1, 1, 1, 2),
        torch.tensor([0.3, 1.2]).reshape(1, 1, 1, 2),
    )
    found = project(images, clean, epsilon=per_sample(0.1, clean), norm="linf", bounds=(0.0, 1.0))
    torch.testing.assert_close(found, torch.tensor([0.4, 1.0]).reshape(1, 1, 1, 2))


def test_a_zero_gradient_gives_a_zero_step():
    assert unit_step(torch.zeros(1, 1, 2, 2), "l2").abs().max() == 0


def test_a_gradient_whose_square_underflows_still_gives_a_unit_step():
    step = unit_step(torch.full((1, 1, 2, 2), 1e-30), "l2")
    torch.testing.assert_close(step, torch.full((1, 1, 2, 2), 0.5))


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="norm must be"):
        unit_step(torch.zeros(1, 1, 2, 2), "l1")
