import pytest
import torch

from thesis_workloads.attacks.objective import margin
from thesis_workloads.attacks.pgd import pgd


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_quarter_over_the_optimal_budget_is_enough_on_a_linear_model(linear, norm):
    optimum = linear.optimal_linf if norm == "linf" else linear.optimal_l2
    found = pgd(
        linear.model,
        linear.inputs,
        linear.labels,
        seeds=linear.seeds,
        norm=norm,
        epsilon=1.25 * optimum,
        objective=margin,
    )
    assert (linear.model(found).argmax(1) != linear.labels).all()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_no_image_leaves_the_ball(convolutional, norm):
    order = torch.inf if norm == "linf" else 2
    found = pgd(
        convolutional.model,
        convolutional.inputs,
        convolutional.labels,
        seeds=convolutional.seeds,
        norm=norm,
        epsilon=0.05,
        early_stop=False,
    )
    assert (found - convolutional.inputs).flatten(1).norm(order, dim=1).max() <= 0.05 + 1e-6


def test_without_seeds_the_climb_starts_at_the_image(linear):
    found = pgd(linear.model, linear.inputs, linear.labels, epsilon=0.01, step_size=0.001, num_steps=1)
    torch.testing.assert_close((found - linear.inputs).abs().amax((1, 2, 3)), torch.full((6,), 0.001))


def test_without_early_stop_the_margin_grows_further(linear):
    def reached(early_stop):
        arguments = {"epsilon": 3 * linear.optimal_linf, "early_stop": early_stop}
        return margin(
            linear.model(pgd(linear.model, linear.inputs, linear.labels, **arguments)), linear.labels
        )

    assert (reached(False) > reached(True)).all()


def test_zero_steps_are_refused(linear):
    with pytest.raises(ValueError, match="num_steps must be positive"):
        pgd(linear.model, linear.inputs, linear.labels, num_steps=0)
