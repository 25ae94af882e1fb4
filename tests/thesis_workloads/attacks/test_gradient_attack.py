import torch

from thesis_workloads.attacks.gradient_attack import gradient_attack


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
