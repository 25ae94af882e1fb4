import torch

from thesis_workloads.attacks.geometry import per_sample
from thesis_workloads.attacks.randomness import _GOLDEN, _mix, derive_seeds, normal, point_in_ball, uniform


def test_a_sample_draws_the_same_alone_and_in_a_batch():
    seeds = torch.tensor([5, 9, 2])
    for draw in (uniform, normal):
        torch.testing.assert_close(draw(seeds, (3, 2))[1:2], draw(seeds[1:2], (3, 2)), rtol=0, atol=0)


def test_derived_seeds_follow_the_published_splitmix_generator():
    """SplitMix64 from state 1234567: its first output, from the reference implementation."""
    assert int(_mix(torch.tensor([1234567]) + _GOLDEN)) % 2**64 == 6457827717110365317


def test_derived_seeds_differ_by_stream_and_never_collide_here():
    seeds = torch.arange(200)
    derived = torch.cat([derive_seeds(seeds, step, draw) for step in range(10) for draw in range(10)])
    assert len(derived.unique()) == 20_000
    assert (derived >= 0).all()


def test_points_fill_the_ball_and_stay_inside():
    images, seeds = torch.zeros(200, 1, 2, 2), torch.arange(200)
    points = point_in_ball(seeds, images, epsilon=per_sample(2.0, images), norm="l2")
    radii = points.flatten(1).norm(dim=1)
    assert radii.max() <= 2.0
    torch.testing.assert_close(radii.mean().item(), 2.0 * 4 / 5, rtol=0.05, atol=0)  # E[r] = d / (d + 1)


def test_points_of_the_cube_reach_its_faces():
    images, seeds = torch.zeros(50, 1, 8, 8), torch.arange(50)
    points = point_in_ball(seeds, images, epsilon=per_sample(0.5, images), norm="linf")
    assert 0.49 < points.abs().max() <= 0.5
