import pytest
import torch

from thesis_workloads.attacks.objective import margin
from thesis_workloads.attacks.square import side_of_square, square


def test_a_quarter_over_the_optimal_budget_is_enough_on_a_linear_model(linear):
    found = square(
        linear.model,
        linear.inputs,
        linear.labels,
        seeds=linear.seeds,
        epsilon=1.25 * linear.optimal_linf,
        num_steps=2000,
    )
    assert (linear.model(found).argmax(1) != linear.labels).all()


def test_every_change_is_a_full_epsilon_away_from_the_bounds(linear):
    found = square(linear.model, linear.inputs, linear.labels, seeds=linear.seeds, epsilon=0.1, num_steps=20)
    torch.testing.assert_close((found - linear.inputs).abs(), torch.full_like(found, 0.1))


def test_the_result_of_a_failed_sample_is_better_than_its_first_stripes(convolutional):
    problem = (convolutional.model, convolutional.inputs, convolutional.labels)
    arguments = {"seeds": convolutional.seeds, "epsilon": 0.002}
    first, last = (square(*problem, num_steps=num_steps, **arguments) for num_steps in (1, 200))
    gains = margin(convolutional.model(last), problem[2]) - margin(convolutional.model(first), problem[2])
    assert (gains > 0).all()


def test_the_first_try_is_vertical_stripes_of_the_samples_own_draw(linear):
    problem = (linear.model, linear.inputs, linear.labels)
    found, other = (
        square(*problem, seeds=seeds, epsilon=0.1, num_steps=1) for seeds in (linear.seeds, linear.seeds + 50)
    )
    change = found - linear.inputs
    torch.testing.assert_close(change, change[:, :, :1].expand_as(change))
    assert not torch.equal(found, other)


def test_squares_shrink_on_the_published_schedule():
    sides = [
        side_of_square(s, num_steps=10_000, initial_share=0.8, height=224, width=224) for s in (1, 51, 9000)
    ]
    assert sides == [200, 100, 9]


def test_a_share_of_zero_is_refused(linear):
    with pytest.raises(ValueError, match="initial_share"):
        square(linear.model, linear.inputs, linear.labels, seeds=linear.seeds, initial_share=0.0)
