import torch

from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.single_step import fgsm, gradient_attack


def cross_entropy_gradient(weights, logits, classes):
    return (logits.softmax(1) - torch.eye(len(weights))[classes]) @ weights


def test_every_value_moves_by_epsilon_along_the_sign_of_the_closed_form_gradient(linear):
    gradient = cross_entropy_gradient(linear.weights, linear.model(linear.inputs), linear.labels)
    expected = linear.inputs + 0.03 * gradient.sign().reshape(linear.inputs.shape)
    torch.testing.assert_close(fgsm(linear.model, linear.inputs, linear.labels, epsilon=0.03), expected)


def test_a_target_reverses_the_step_along_its_own_gradient(linear):
    targets = (linear.labels + 1) % 5
    gradient = cross_entropy_gradient(linear.weights, linear.model(linear.inputs), targets)
    expected = linear.inputs - 0.03 * gradient.sign().reshape(linear.inputs.shape)
    found = fgsm(linear.model, linear.inputs, linear.labels, targets=targets, epsilon=0.03)
    torch.testing.assert_close(found, expected)


def test_each_sample_may_have_its_own_epsilon(linear):
    epsilon = torch.linspace(0.01, 0.06, 6)
    change = fgsm(linear.model, linear.inputs, linear.labels, epsilon=epsilon) - linear.inputs
    torch.testing.assert_close(change.abs().amax((1, 2, 3)), epsilon)


def test_a_model_of_other_bounds_is_attacked_in_its_own_units(linear):
    wide = AttackModel(lambda images: linear.model(images / 255), bounds=(0.0, 255.0))
    found = fgsm(wide, 255 * linear.inputs, linear.labels, epsilon=0.03 * 255)
    expected = 255 * fgsm(linear.model, linear.inputs, linear.labels, epsilon=0.03)
    torch.testing.assert_close(found, expected)


def test_the_step_has_the_asked_l2_length(linear):
    change = gradient_attack(linear.model, linear.inputs, linear.labels, epsilon=0.2) - linear.inputs
    torch.testing.assert_close(change.flatten(1).norm(dim=1), torch.full((6,), 0.2))


def test_the_step_is_parallel_to_the_closed_form_gradient(linear):
    change = gradient_attack(linear.model, linear.inputs, linear.labels, epsilon=0.2) - linear.inputs
    gradient = (linear.model(linear.inputs).softmax(1) - torch.eye(5)[linear.labels]) @ linear.weights
    cosine = torch.nn.functional.cosine_similarity(change.flatten(1), gradient)
    torch.testing.assert_close(cosine, torch.ones(6))


def test_between_two_classes_a_step_a_little_over_the_optimum_crosses(linear):
    two = linear.weights[:2]
    model = type(linear.model)(lambda images: images.flatten(1) @ two.T)
    logits = model(linear.inputs)
    labels = logits.argmax(1)
    optimum = (logits[:, 0] - logits[:, 1]).abs() / (two[0] - two[1]).norm()
    found = gradient_attack(model, linear.inputs, labels, epsilon=1.01 * optimum)
    assert (model(found).argmax(1) != labels).all()
