import torch

from thesis_workloads.attacks.igsm import igsm
from thesis_workloads.attacks.single_step import fgsm


def test_one_whole_step_is_the_fast_gradient_sign_method(linear):
    once = igsm(linear.model, linear.inputs, linear.labels, epsilon=0.02, relative_step=1.0, num_steps=1)
    torch.testing.assert_close(once, fgsm(linear.model, linear.inputs, linear.labels, epsilon=0.02))


def test_a_sample_stops_at_its_first_adversarial_image(linear):
    epsilon = 10 * linear.optimal_linf
    found = igsm(
        linear.model, linear.inputs, linear.labels, epsilon=epsilon, relative_step=0.01, num_steps=100
    )
    size = (found - linear.inputs).abs().amax((1, 2, 3))
    assert (linear.model(found).argmax(1) != linear.labels).all()
    assert (size <= 1.25 * linear.optimal_linf + 0.1 * linear.optimal_linf).all()


def test_without_early_stop_the_whole_budget_is_spent(linear):
    found = igsm(linear.model, linear.inputs, linear.labels, epsilon=0.1, early_stop=False)
    torch.testing.assert_close((found - linear.inputs).abs().amax((1, 2, 3)), torch.full((6,), 0.1))
