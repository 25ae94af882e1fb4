import pytest
import torch

from thesis_workloads.attacks.apgd import _halved, apgd, apgd_ce, apgd_dlr, checkpoints
from thesis_workloads.attacks.objective import cross_entropy, margin
from thesis_workloads.attacks.pgd import pgd


def test_the_checkpoints_of_a_hundred_steps_are_the_published_ones():
    assert checkpoints(100) == [22, 41, 57, 70, 80, 87, 93, 99]


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_quarter_over_the_optimal_budget_is_enough_on_a_linear_model(linear, norm):
    optimum = linear.optimal_linf if norm == "linf" else linear.optimal_l2
    found = apgd(
        linear.model,
        linear.inputs,
        linear.labels,
        seeds=linear.seeds,
        norm=norm,
        epsilon=1.25 * optimum,
        objective=margin,
    )
    assert (linear.model(found).argmax(1) != linear.labels).all()


@pytest.mark.parametrize("attack", [apgd_ce, apgd_dlr])
def test_twice_the_optimal_budget_is_enough_for_both_losses(linear, attack):
    found = attack(linear.model, linear.inputs, linear.labels, epsilon=2 * linear.optimal_linf)
    assert (linear.model(found).argmax(1) != linear.labels).all()


def test_it_climbs_at_least_as_high_as_fixed_steps_of_the_same_number(convolutional):
    arguments = {"seeds": convolutional.seeds, "epsilon": 0.05, "num_steps": 50, "early_stop": False}
    problem = (convolutional.model, convolutional.inputs, convolutional.labels)
    auto, fixed = apgd_ce(*problem, **arguments), pgd(*problem, **arguments)
    reached = [
        cross_entropy(convolutional.model(found), convolutional.labels).mean() for found in (auto, fixed)
    ]
    assert reached[0] >= reached[1] - 1e-3


def test_without_early_stop_the_best_visited_objective_is_returned(convolutional):
    values = []

    def recording(logits, labels, targets):
        values.append(cross_entropy(logits, labels, targets))
        return values[-1]

    found = apgd(
        convolutional.model,
        convolutional.inputs,
        convolutional.labels,
        epsilon=0.05,
        num_steps=30,
        early_stop=False,
        objective=recording,
    )
    best = torch.stack(values).amax(0).detach()
    torch.testing.assert_close(cross_entropy(convolutional.model(found), convolutional.labels), best)


def test_no_image_leaves_the_l2_ball(convolutional):
    found = apgd_ce(
        convolutional.model,
        convolutional.inputs,
        convolutional.labels,
        seeds=convolutional.seeds,
        norm="l2",
        epsilon=0.1,
    )
    assert (found - convolutional.inputs).flatten(1).norm(dim=1).max() <= 0.1 + 1e-9


@pytest.mark.parametrize(
    ("rises", "was_halved", "best_value", "is_halved"),
    [
        (7.0, True, 3.0, True),  # 7 of 10 steps rose: fewer than rho
        (8.0, True, 2.0, False),  # enough rises; halved last time, so a stuck best value is forgiven
        (8.0, False, 2.0, True),  # enough rises, not halved last time, and the best value is stuck
        (8.0, False, 3.0, False),
    ],
)
def test_a_checkpoint_halves_and_restarts_from_the_best_on_either_condition(
    rises, was_halved, best_value, is_halved
):
    image = torch.zeros(1, 1, 1, 1)
    state = {"rises": torch.tensor([rises]), "was_halved": torch.tensor([was_halved])}
    state |= {"best_value": torch.tensor([best_value]), "checked_value": torch.tensor([2.0])}
    state |= {"size": image + 4, "current": image + 1, "best": image + 2}
    state |= {"gradient": image + 5, "best_gradient": image + 6}
    found = _halved(state, num_since=10)
    values = [float(found[name]) for name in ("size", "current", "gradient", "was_halved", "checked_value")]
    expected = [2.0, 2.0, 6.0, 1.0] if is_halved else [4.0, 1.0, 5.0, 0.0]
    assert values == [*expected, best_value]
