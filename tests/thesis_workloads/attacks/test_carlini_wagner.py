import pytest
import torch

from thesis_workloads.attacks.carlini_wagner import carlini_wagner
from thesis_workloads.attacks.objective import margin


def test_the_optimum_of_a_linear_model_is_reached_within_a_quarter(linear):
    found = carlini_wagner(linear.model, linear.inputs, linear.labels, num_steps=300, num_searches=9)
    size = (found - linear.inputs).flatten(1).norm(dim=1)
    assert (linear.model(found).argmax(1) != linear.labels).all()
    assert (size <= 1.25 * linear.optimal_l2).all()


def test_confidence_is_the_lead_of_the_wrong_class(linear):
    found = carlini_wagner(
        linear.model,
        linear.inputs,
        linear.labels,
        confidence=0.5,
        num_steps=200,
        num_searches=6,
        initial_c=0.01,
    )
    assert (margin(linear.model(found), linear.labels) >= 0.5).all()


def test_more_values_of_c_never_give_a_larger_image(linear):
    def size(num_searches):
        arguments = {"num_steps": 100, "initial_c": 0.1, "num_searches": num_searches}
        found = carlini_wagner(linear.model, linear.inputs, linear.labels, **arguments)
        return (found - linear.inputs).flatten(1).norm(dim=1)

    assert (size(6) <= size(3)).all()


def test_where_nothing_is_found_the_input_comes_back(linear):
    found = carlini_wagner(linear.model, linear.inputs, linear.labels, num_steps=1, num_searches=1)
    torch.testing.assert_close(found, linear.inputs, rtol=0, atol=0)


def test_a_weight_of_zero_is_refused(linear):
    with pytest.raises(ValueError, match="initial_c must be positive"):
        carlini_wagner(linear.model, linear.inputs, linear.labels, initial_c=0.0)
