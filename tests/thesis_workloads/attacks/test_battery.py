import pytest
import torch

from thesis_workloads.attacks.battery import MEMBERS, UNATTACKED, Start, run_battery
from thesis_workloads.attacks.gradients import usable_gradients
from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.objective import margin
from thesis_workloads.attacks.pgd import pgd
from thesis_workloads.attacks.randomness import uniform
from thesis_workloads.attacks.rays import rays

EFFORT = {"num_steps": 6, "num_draws": 2}


def shifted(images, seeds):
    """A differentiable random defence: small noise from the seed."""
    return (images + 0.02 * (uniform(seeds, images.shape[1:]).to(images) - 0.5)).clamp(0, 1)


def same(images, seeds):
    return images


def battery(problem, epsilon, defense=shifted, rows=slice(None), **changes):
    values = {
        "gradients": ("true", "bpda"),
        "seeds": problem.seeds[rows],
        "epsilon": epsilon,
        **EFFORT,
        **changes,
    }
    return run_battery(problem.model, defense, problem.inputs[rows], problem.labels[rows], **values)


def test_every_image_falls_just_beyond_its_known_distance_and_none_far_below(linear):
    above, below = (
        battery(
            linear,
            float(factor * linear.optimal_linf[row]),
            same,
            slice(row, row + 1),
            is_random=False,
            is_defended=False,
        )
        for factor, row in ((1.02, 2), (0.98, 2))
    )
    assert above.num_right.tolist() == [0]
    assert above.names[0] not in ("", UNATTACKED)
    assert below.num_right.tolist() == [1]
    assert below.names == ("",)


def test_images_stay_in_the_ball_and_in_the_bounds(convolutional):
    found = battery(convolutional, 0.05).images
    assert float((found - convolutional.inputs).abs().max()) <= 0.05 + 1e-9
    assert float(found.min()) >= 0
    assert float(found.max()) <= 1


def test_an_image_meets_the_same_battery_in_any_company(convolutional):
    whole = battery(convolutional, 0.03)
    for row in range(len(convolutional.inputs)):
        alone = battery(convolutional, 0.03, rows=slice(row, row + 1))
        torch.testing.assert_close(alone.images, whole.images[row : row + 1])
        assert alone.names[0] == whole.names[row]


def test_what_a_smaller_epsilon_broke_stays_broken_under_its_name(convolutional):
    small = battery(convolutional, 0.04)
    broken = [row for row, name in enumerate(small.names) if name]
    assert broken
    large = battery(convolutional, 0.08, start=Start(images=small.images, names=small.names))
    assert (large.num_right <= small.num_right).all()
    surely = [row for row in broken if int(small.num_right[row]) <= 2]
    assert [large.names[row] for row in surely] == [small.names[row] for row in surely]


def test_only_survivors_meet_the_later_members(linear):
    seen = []

    def watched(images, seeds):
        seen.append(len(images))
        return images

    battery(linear, 0.5, watched, is_random=False)  # far beyond every distance: the first gradient breaks all
    first = len(seen)
    battery(linear, 1e-6, watched, is_random=False)
    assert len(seen) - first > 5 * first


def test_an_image_that_the_defence_loses_by_itself_needs_no_attack(linear):
    found = battery(linear, 0.01, lambda images, seeds: -images, is_random=False)
    lost = [row for row, name in enumerate(found.names) if name == UNATTACKED]
    assert lost
    torch.testing.assert_close(found.images[lost], linear.inputs[lost])


def test_the_defenders_draws_have_no_part_in_the_choice(convolutional):
    drawn = []

    def recorded(images, seeds):
        drawn.extend(seeds.tolist())
        return shifted(images, seeds)

    battery(convolutional, 0.03, recorded)
    assert not set(drawn) & set(convolutional.seeds.tolist())


def test_members_without_their_gradient_are_left_out(linear):
    def no_gradient(images, seeds):
        return (images.detach() * 64).round() / 64

    gradients = usable_gradients(no_gradient, shape=(3, 4, 4))
    assert gradients == ("bpda",)
    found = battery(linear, 0.2, no_gradient, is_random=False, gradients=gradients)
    assert (found.num_right == 0).all()
    assert not any("true" in name for name in found.names)


@pytest.mark.parametrize(
    ("defense", "expected"),
    [
        (lambda images, seeds: images * 0.5, ("true", "bpda")),
        (lambda images, seeds: (images * 8).round() / 8, ("bpda",)),  # a gradient of zero tells nothing
        (lambda images, seeds: torch.from_numpy(images.numpy()), ("bpda",)),
        (lambda images, seeds: images[..., 1:], ("true",)),
        (lambda images, seeds: images.detach()[..., 1:], ()),
    ],
)
def test_a_defence_offers_the_gradients_that_it_has(defense, expected):
    assert usable_gradients(defense, shape=(3, 8, 8)) == expected


def test_the_decision_based_attack_approaches_the_known_distance_along_signs(linear):
    rows = slice(0, 6)
    radius = float(2.5 * linear.optimal_linf.max())
    found = rays(
        linear.model,
        linear.inputs[rows],
        linear.labels[rows],
        seeds=linear.seeds,
        epsilon=radius,
        num_steps=120,
    )
    assert (linear.model(found).argmax(1) != linear.labels).float().mean() >= 0.8
    assert float((found - linear.inputs).abs().max()) <= radius + 1e-6


def test_the_decision_based_attack_does_not_depend_on_the_batch(convolutional):
    whole = rays(
        convolutional.model,
        convolutional.inputs,
        convolutional.labels,
        seeds=convolutional.seeds,
        num_steps=30,
    )
    alone = rays(
        convolutional.model,
        convolutional.inputs[3:4],
        convolutional.labels[3:4],
        seeds=convolutional.seeds[3:4],
        num_steps=30,
    )
    torch.testing.assert_close(alone, whole[3:4])


def test_the_battery_has_every_kind_that_a_reviewer_asks_for():
    kinds = {(member.kind, member.objective, member.gradient) for member in MEMBERS}
    assert {("apgd", "ce", "true"), ("apgd", "dlr", "true"), ("apgd", "margin", "bpda")} <= kinds
    assert {"noise", "transfer", "square", "rays", "pgd"} <= {member.kind for member in MEMBERS}
    assert {1, 2} <= {member.runner_up for member in MEMBERS}
    assert max(member.draws for member in MEMBERS) >= 5
    assert len({member.name for member in MEMBERS}) == len(MEMBERS)


def test_momentum_goes_on_where_the_last_gradient_alone_would_turn():
    """One pixel whose slope turns at 0.5: the plain attack steps back there, the one with momentum goes over it."""

    def network(images):
        value = images.flatten(1)[:, :1]
        rise = torch.where(value < 0.5, value - 0.5, -0.1 * (value - 0.5))
        return torch.cat([-rise, rise], dim=1) - torch.tensor([0.0, 10.0])

    image, label = torch.full((1, 1, 1, 1), 0.42), torch.zeros(1, dtype=torch.int64)
    plain, rolling = (
        float(
            pgd(
                AttackModel(network), image, label, epsilon=0.5, step_size=0.05, num_steps=3, momentum=share,
                early_stop=False, objective=margin,
            )
        )
        for share in (0.0, 1.0)
    )  # fmt: skip
    assert plain == pytest.approx(0.47, abs=1e-6)  # up, up, back
    assert rolling == pytest.approx(0.57, abs=1e-6)  # up, up, and 1 + 1 - 1 is still up
