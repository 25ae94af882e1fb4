import pytest
import torch

from thesis_workloads.attacks.deepfool import deepfool


def sizes(found, problem):
    return (found - problem.inputs).flatten(1).norm(dim=1)


def test_the_nearest_boundary_of_a_linear_model_is_reached_within_one_percent(linear):
    found = deepfool(linear.model, linear.inputs, linear.labels, overshoot=0.002)
    torch.testing.assert_close(sizes(found, linear), linear.optimal_l2, rtol=0.01, atol=0)
    assert (linear.model(found).argmax(1) != linear.labels).all()


def test_the_published_overshoot_adds_two_percent(linear):
    found = deepfool(linear.model, linear.inputs, linear.labels, overshoot=0.02)
    torch.testing.assert_close(sizes(found, linear), 1.02 * linear.optimal_l2, rtol=0.01, atol=0)


def test_two_candidates_go_to_the_best_wrong_class(linear):
    found = deepfool(linear.model, linear.inputs, linear.labels, num_candidates=2)
    runner_up = linear.model(linear.inputs).topk(2).indices[:, 1]
    direction = linear.weights[runner_up] - linear.weights[linear.labels]
    cosine = torch.nn.functional.cosine_similarity((found - linear.inputs).flatten(1), direction)
    torch.testing.assert_close(cosine, torch.ones(6))


def test_a_lone_candidate_is_refused(linear):
    with pytest.raises(ValueError, match="num_candidates must be at least 2"):
        deepfool(linear.model, linear.inputs, linear.labels, num_candidates=1)
