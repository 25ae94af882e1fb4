import pytest
import torch
from scipy.optimize import minimize

from thesis_workloads.attacks.lbfgs import _direction, _minimise, _Problem, _Smallest, lbfgs


def test_the_optimum_of_a_linear_model_is_reached_within_a_quarter(linear):
    found = lbfgs(linear.model, linear.inputs, linear.labels)
    size = (found - linear.inputs).flatten(1).norm(dim=1)
    assert (linear.model(found).argmax(1) != linear.labels).all()
    assert (size <= 1.25 * linear.optimal_l2).all()


def test_a_target_is_reached_within_a_quarter_of_its_own_optimum_of_two_classes(linear):
    two = linear.weights[:2]
    model = type(linear.model)(lambda images: images.flatten(1) @ two.T)
    logits = model(linear.inputs)
    labels, optimum = logits.argmax(1), (logits[:, 0] - logits[:, 1]).abs() / (two[0] - two[1]).norm()
    found = lbfgs(model, linear.inputs, labels, targets=1 - labels)
    assert ((found - linear.inputs).flatten(1).norm(dim=1) <= 1.25 * optimum).all()
    assert (model(found).argmax(1) == 1 - labels).all()


def test_the_optimiser_finds_scipys_minimum_in_the_box(linear):
    """One alpha, small enough that many values end on the bounds."""
    inputs, alpha = linear.inputs[:2].double(), torch.full((2,), 0.5, dtype=torch.float64)
    weights, goals = linear.weights.double(), (linear.labels[:2] + 1) % 5

    def value(images, row):
        logits = images.flatten(1) @ weights.T
        losses = torch.nn.functional.cross_entropy(logits, goals[row : row + 1], reduction="none")
        return 0.5 * (images - inputs[row : row + 1]).square().sum() + losses.sum()

    visited = []
    model = type(linear.model)(
        lambda images: visited.append(images.detach()) or images.flatten(1) @ weights.T
    )
    problem = _Problem(model, inputs, linear.labels[:2], None, goals, torch.arange(2))
    best = _Smallest(torch.full((2,), torch.inf, dtype=torch.float64), inputs.clone())
    _minimise(problem, alpha, best, num_steps=60, history=8, first_step=0)
    for row in range(2):

        def on_vector(vector, row=row):
            leaf = torch.tensor(vector).reshape(1, 3, 4, 4).requires_grad_()
            result = value(leaf, row)
            return float(result.detach()), torch.autograd.grad(result, leaf)[0].flatten().numpy()

        start = inputs[row].flatten().numpy()
        expected = minimize(on_vector, start, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * 48).fun
        reached = min(float(value(images[i : i + 1], row)) for images in visited for i in range(len(images)))
        assert reached == pytest.approx(expected, rel=1e-3)


def test_the_two_loop_recursion_is_the_explicit_update_of_the_inverse_hessian():
    generator = torch.Generator().manual_seed(4)
    curvature = torch.diag(torch.tensor([1.0, 2.0, 5.0, 9.0], dtype=torch.float64))
    changes = [torch.randn(4, generator=generator, dtype=torch.float64) for _ in range(3)]
    pairs = [(change[None], (curvature @ change)[None]) for change in changes]
    last, identity = changes[-1], torch.eye(4, dtype=torch.float64)
    slope = curvature @ last
    inverse = identity * (last @ slope) / (slope @ slope)
    for change in changes:
        slope = curvature @ change
        left = identity - torch.outer(change, slope) / (change @ slope)
        inverse = left @ inverse @ left.T + torch.outer(change, change) / (change @ slope)
    gradient = torch.randn(4, generator=generator, dtype=torch.float64)
    found = _direction(gradient[None], pairs, torch.ones(1, dtype=torch.float64))
    torch.testing.assert_close(found[0], -inverse @ gradient)


def test_a_pair_that_was_emptied_drops_out():
    gradient, empty = torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2)
    found = _direction(gradient, [(empty, empty)], torch.tensor([4.0]))
    torch.testing.assert_close(found, -gradient / 8)


def test_a_weight_of_zero_is_refused(linear):
    with pytest.raises(ValueError, match="initial_alpha must be positive"):
        lbfgs(linear.model, linear.inputs, linear.labels, initial_alpha=0.0)
