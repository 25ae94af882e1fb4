import pytest
import torch

from thesis_workloads.attacks.adaptive import DefendedModel, bpda_identity
from thesis_workloads.attacks.apgd import apgd_ce
from thesis_workloads.attacks.objective import input_gradient, margin
from thesis_workloads.attacks.pgd import pgd
from thesis_workloads.attacks.randomness import derive_seeds, uniform


def rounded(images, seeds):
    """A defence without a useful gradient: eight levels, shifted by a draw per image."""
    shift = uniform(seeds, (1, 1, 1)).to(images)
    return ((images * 8 + shift).floor() / 8).clamp(0, 1)


def scaled(images, seeds):
    """A differentiable defence: every value times a factor per value, drawn from the seed."""
    return images * (0.5 + uniform(seeds, images.shape[1:]).to(images))


def defended(problem, defense, **arguments):
    return DefendedModel(classifier=problem.model, defense=defense, seeds=problem.seeds, **arguments)


def first_logit(logits, labels, targets):
    return logits[:, 0]


def test_bpda_has_the_defences_value_exactly_and_the_identitys_gradient():
    images = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    seeds = torch.tensor([1, 2])
    weights = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    result = bpda_identity(rounded, images, seeds)
    (gradient,) = torch.autograd.grad((weights * result).sum(), images)
    torch.testing.assert_close(result, rounded(images.detach(), seeds), rtol=0, atol=0)
    torch.testing.assert_close(gradient, weights)


def test_the_true_gradient_is_the_chain_rules_for_the_known_draw(linear):
    model = defended(linear, scaled, gradient="true", fresh_draws=False)
    gradient, _, _ = input_gradient(model, linear.inputs, linear.labels, None, first_logit)
    factors = 0.5 + uniform(linear.seeds, (3, 4, 4))
    torch.testing.assert_close(gradient, factors * linear.weights[0].reshape(3, 4, 4))


def test_expectation_over_draws_is_the_mean_of_the_single_gradients(linear):
    model = defended(linear, scaled, gradient="true", num_draws=5).at(torch.arange(6), 3)
    gradient, _, _ = input_gradient(model, linear.inputs, linear.labels, None, first_logit)
    draws = model.draw_seeds().reshape(6, 5)
    factors = torch.stack([0.5 + uniform(draws[:, draw], (3, 4, 4)) for draw in range(5)]).mean(0)
    torch.testing.assert_close(gradient, factors * linear.weights[0].reshape(3, 4, 4))


def test_averaged_probabilities_are_the_log_of_the_mean_over_draws(linear):
    model = defended(linear, scaled, num_draws=4, average="probabilities")
    draws = model.draw_seeds().reshape(6, 4)
    single = [linear.model(scaled(linear.inputs, draws[:, draw])).softmax(1) for draw in range(4)]
    torch.testing.assert_close(model(linear.inputs), torch.stack(single).mean(0).log())


def test_draws_are_fresh_at_every_step_unless_fixed(linear):
    rows = torch.arange(6)
    fresh, fixed = (defended(linear, scaled, num_draws=3, fresh_draws=flag) for flag in (True, False))
    assert (fresh.at(rows, 0).draw_seeds() != fresh.at(rows, 1).draw_seeds()).all()
    assert (fixed.at(rows, 0).draw_seeds() == fixed.at(rows, 1).draw_seeds()).all()


def test_a_fixed_first_draw_is_the_defenders_own_and_a_fresh_one_is_not(linear):
    own = defended(linear, scaled, num_draws=2, fresh_draws=False).draw_seeds().reshape(6, 2)[:, 0]
    assert (own == linear.seeds).all()
    assert (defended(linear, scaled).draw_seeds() != linear.seeds).all()


def test_a_view_of_some_samples_draws_what_they_draw_in_the_batch(linear):
    model, rows = defended(linear, scaled, num_draws=3), torch.tensor([4, 1])
    whole = model.at(torch.arange(6), 2)(linear.inputs)[rows]
    torch.testing.assert_close(model.at(rows, 2)(linear.inputs[rows]), whole)


@pytest.mark.parametrize("attack", [pgd, apgd_ce])
def test_knowing_the_defence_beats_ignoring_it(linear, attack):
    """A defence that reverses the image: the plain attack makes it stronger, the adaptive one breaks it."""

    def reverse(images, seeds):
        return 1 - images

    labels = linear.model(1 - linear.inputs).argmax(1)
    model = defended(linear, reverse, gradient="true")
    found = attack(model, linear.inputs, labels, epsilon=0.1, early_stop=False)
    assert (linear.model(1 - found).argmax(1) != labels).all()


def test_bpda_with_expectation_breaks_the_rounding_defence(linear):
    seeds = derive_seeds(linear.seeds, 99)  # the defender's own draws

    def reached(images):
        return margin(linear.model(rounded(images, seeds)), linear.labels)

    model = defended(linear, rounded, num_draws=8)
    found = pgd(model, linear.inputs, linear.labels, epsilon=0.15, early_stop=False)
    assert (reached(found) > 0).all()


def test_the_result_does_not_depend_on_the_batch(linear):
    arguments = {"num_draws": 3, "gradient": "true"}
    whole = pgd(defended(linear, scaled, **arguments), linear.inputs, linear.labels, epsilon=0.05)
    alone = DefendedModel(classifier=linear.model, defense=scaled, seeds=linear.seeds[2:3], **arguments)
    single = pgd(alone, linear.inputs[2:3], linear.labels[2:3], epsilon=0.05)
    torch.testing.assert_close(whole[2:3], single)


def test_a_defence_without_gradient_is_refused_for_the_true_one(linear):
    def no_gradient(images, seeds):
        return images.detach().round()

    with pytest.raises(ValueError, match="must be differentiable"):
        pgd(defended(linear, no_gradient, gradient="true"), linear.inputs, linear.labels)


def test_a_defence_that_changes_the_shape_is_refused_for_bpda():
    images = torch.rand(2, 3, 4, 4)
    with pytest.raises(ValueError, match="keep the shape"):
        bpda_identity(lambda batch, seeds: batch[:, :, 1:], images, torch.arange(2))


def test_a_seed_missing_for_an_image_is_refused(linear):
    with pytest.raises(ValueError, match="one seed each"):
        defended(linear, scaled)(linear.inputs[:3])
