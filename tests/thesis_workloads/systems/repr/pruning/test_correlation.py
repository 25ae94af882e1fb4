import numpy as np
import pytest
import torch
from sklearn.cross_decomposition import CCA

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.correlation import (
    activation_maps,
    canonical_correlations,
    filter_correlations,
    overlap,
)


def samples(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_linear_map_of_the_same_samples_correlates_perfectly():
    first = samples(50, 3)
    second = first @ samples(3, 3, seed=1) + 5
    torch.testing.assert_close(canonical_correlations(first, second), torch.ones(3).double())


def test_single_numbers_have_the_size_of_their_pearson_correlation():
    first, second = samples(40, 1), samples(40, 1, seed=1)
    expected = abs(np.corrcoef(first[:, 0], second[:, 0])[0, 1])
    assert canonical_correlations(first, second).item() == pytest.approx(expected)


def test_the_correlations_are_those_of_an_independent_implementation():
    first = samples(80, 3)
    second = first @ samples(3, 4, seed=1) + 2 * samples(80, 4, seed=2)
    a, b = CCA(n_components=3, max_iter=5000, tol=1e-12).fit_transform(first.numpy(), second.numpy())
    expected = [abs(np.corrcoef(a[:, i], b[:, i])[0, 1]) for i in range(3)]
    assert canonical_correlations(first, second).tolist() == pytest.approx(expected, abs=1e-5)


def test_directions_without_variance_do_not_correlate():
    first = samples(30, 3)
    dead = torch.zeros(30, 2).double()
    assert canonical_correlations(first, dead).tolist() == [0, 0]


def test_pairs_of_filters_are_compared_on_a_coarse_grid():
    maps = samples(60, 3, 8, 8)
    maps[:, 2] = -2 * maps[:, 0] + 1
    found = filter_correlations(maps, cells=2)
    assert found.shape == (3, 3, 4)
    torch.testing.assert_close(found[0, 2], torch.ones(4).double())
    torch.testing.assert_close(found, found.transpose(0, 1))
    assert found[0, 1, 0] < 0.7


def test_fewer_images_than_cells_are_refused():
    with pytest.raises(
        ValueError, match="samples must be more than the 16 numbers of each, got num_samples=16"
    ):
        filter_correlations(torch.randn(16, 2, 8, 8))


def test_maps_are_rectified_outputs_of_every_layer():
    network = build_network(
        "c2-3",
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=False,
        dropout=0.0,
        seed=0,
    )
    images = torch.randn(5, 1, 4, 4)
    maps = activation_maps(network, prunable_convs("c2-3", network), images)
    torch.testing.assert_close(maps["conv1.conv"], network.conv1(images).detach())
    assert maps["conv2.conv"].shape == (5, 3, 4, 4)


def canonical_by_eigenvalues(first, second):
    """Hotelling's own way: roots of the eigenvalues of S11^-1 S12 S22^-1 S21."""
    a, b = (x - x.mean(0) for x in (first.numpy(), second.numpy()))
    cross = np.linalg.solve(a.T @ a, a.T @ b) @ np.linalg.solve(b.T @ b, b.T @ a)
    return np.sqrt(np.sort(np.linalg.eigvals(cross).real)[::-1].clip(0))


def test_an_overlap_is_the_mean_of_the_closed_form_over_pairs_of_different_filters():
    maps = samples(200, 3, 4, 4)
    maps[:, 2] = 0.5 * maps[:, 1] + maps[:, 2]
    found = overlap(maps, cells=2, above=0.3)
    coarse = torch.nn.functional.avg_pool2d(maps, 2).flatten(2)
    pairs = [canonical_by_eigenvalues(coarse[:, i], coarse[:, j]).mean() for i, j in ((0, 1), (0, 2), (1, 2))]
    assert [found.pairs[0, 1], found.pairs[0, 2], found.pairs[1, 2]] == pytest.approx(pairs, abs=1e-9)
    assert (found.mean, found.largest) == pytest.approx((np.mean(pairs), max(pairs)), abs=1e-9)
    assert found.share_above == pytest.approx(np.mean(np.array(pairs) > 0.3))


def test_a_single_filter_has_nothing_to_be_compared_with():
    with pytest.raises(ValueError, match="at least 2 filters to compare"):
        overlap(samples(20, 1, 4, 4), cells=2, above=0.3)
