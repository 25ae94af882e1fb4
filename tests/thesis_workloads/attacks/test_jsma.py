import pytest
import torch

from thesis_workloads.attacks.jsma import jsma, saliency_map


def explicit_map(model, images, goal, to_outputs):
    """The dissertation's formula from the whole Jacobian, one image."""
    jacobian = torch.autograd.functional.jacobian(lambda x: to_outputs(model(x))[0], images)[:, 0]
    own = jacobian[goal]
    others = jacobian.sum(0) - own
    return torch.where((own < 0) | (others > 0), 0.0, own * others.abs())


@pytest.mark.parametrize("outputs", ["probabilities", "logits"])
def test_the_map_equals_the_formula_from_the_whole_jacobian(convolutional, outputs):
    images = convolutional.inputs[:1].clone().requires_grad_()
    goal = (convolutional.labels[:1] + 2) % 6
    found = saliency_map(convolutional.model(images), images, goal, outputs=outputs)[0].detach()
    to_outputs = (lambda logits: logits.softmax(1)) if outputs == "probabilities" else (lambda logits: logits)
    expected = explicit_map(convolutional.model, convolutional.inputs[:1], int(goal), to_outputs)
    torch.testing.assert_close(found / found.max(), expected / expected.max())


def test_one_step_raises_the_single_most_salient_value_by_theta(linear):
    goals = (linear.labels + 1) % 5
    leaf = linear.inputs.clone().requires_grad_()
    best = saliency_map(linear.model(leaf), leaf, goals, outputs="probabilities").flatten(1).argmax(1)
    found = jsma(linear.model, linear.inputs, linear.labels, targets=goals, theta=0.1, max_fraction=1.5 / 48)
    expected = linear.inputs.flatten(1).scatter_add(1, best[:, None], torch.full((6, 1), 0.1))
    torch.testing.assert_close(found.flatten(1), expected)


def test_on_two_classes_it_raises_no_more_values_than_needed(linear):
    """The saliency is constant there, so taking the steepest values first is optimal up to their headroom."""
    inputs, weights = torch.full((1, 3, 4, 4), 0.5), linear.weights[:2]
    model = type(linear.model)(lambda images: images.flatten(1) @ weights.T)
    label = model(inputs).argmax(1)
    slopes = (weights[1 - label] - weights[label])[0].sort(descending=True).values
    gap = (model(inputs)[0, label] - model(inputs)[0, 1 - label]).item()
    needed = int((0.5 * slopes.cumsum(0) > gap).nonzero()[0]) + 1
    found = jsma(model, inputs, label, max_fraction=1.0)
    assert int((found != inputs).sum()) == needed


def test_several_values_per_step_still_succeed(linear):
    found = jsma(linear.model, linear.inputs, linear.labels, max_fraction=1.0, values_per_step=4)
    assert (linear.model(found).argmax(1) != linear.labels).all()


def test_no_more_values_change_than_allowed(linear):
    targets = linear.model(linear.inputs).argmin(1)
    found = jsma(
        linear.model, linear.inputs, linear.labels, targets=targets, max_fraction=5 / 48, values_per_step=2
    )
    assert int((found != linear.inputs).flatten(1).sum(1).max()) <= 5


def test_a_lowering_theta_is_refused(linear):
    with pytest.raises(ValueError, match="theta"):
        jsma(linear.model, linear.inputs, linear.labels, theta=-1.0)
