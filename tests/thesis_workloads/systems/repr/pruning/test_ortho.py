import math

import pytest
import torch

from thesis_workloads.systems.repr.pruning.ortho import expected_cosine, ortho_overlap, released_overlap


def layer(*rows):
    return torch.tensor(rows, dtype=torch.float64)[:, :, None, None]


def test_orthogonal_filters_do_not_overlap():
    assert torch.equal(ortho_overlap(torch.eye(4).view(4, 4, 1, 1)), torch.zeros(4, dtype=torch.float64))


def test_the_score_is_the_row_sum_of_absolute_cosines_over_the_number_of_filters():
    overlap = ortho_overlap(layer([2.0, 0.0], [0.0, 3.0], [-1.0, 1.0]))
    half = math.sqrt(0.5)
    assert overlap.tolist() == pytest.approx([half / 3, half / 3, 2 * half / 3])


def test_copies_of_opposite_sign_overlap_fully():
    assert ortho_overlap(layer([1.0, 1.0], [-2.0, -2.0])).tolist() == pytest.approx([0.5, 0.5])


def test_the_score_does_not_depend_on_the_filters_norms():
    torch.manual_seed(0)
    weight, scale = torch.randn(6, 3, 3, 3), torch.rand(6, 1, 1, 1) + 0.1
    assert torch.allclose(ortho_overlap(weight), ortho_overlap(weight * scale))


@pytest.mark.parametrize(("dimension", "expected"), [(1, 1.0), (2, 2 / math.pi), (3, 0.5)])
def test_the_expected_cosine_has_its_known_values(dimension, expected):
    assert expected_cosine(dimension) == pytest.approx(expected)


def test_the_expected_cosine_approaches_the_root_of_two_over_pi_d():
    assert expected_cosine(4608) == pytest.approx(math.sqrt(2 / (math.pi * 4608)), rel=1e-4)


@pytest.mark.parametrize("channels", [1, 32])
def test_random_filters_of_any_fan_in_score_about_one_when_scaled_by_dimension(channels):
    weight = torch.randn(200, channels, 3, 3, generator=torch.Generator().manual_seed(0))
    assert ortho_overlap(weight, scale="dimension").mean().item() == pytest.approx(1.0, abs=0.02)


def test_the_released_score_divides_by_the_layers_norm_and_keeps_signs_until_the_end():
    # products: 1*2 and 1*-1 cancel to 1 for the first filter; squared norm of the layer 1 + 4 + 1
    overlap = released_overlap(layer([1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]))
    assert overlap.tolist() == pytest.approx([1 / 18, 0.0, 3 / 18])


def test_an_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="score_scale must be none or dimension, got score_scale='fan_in'"):
        ortho_overlap(torch.randn(2, 1, 3, 3), scale="fan_in")
