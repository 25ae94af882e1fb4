import pytest
import torch
from skimage.restoration import denoise_tv_chambolle

from thesis_workloads.defenses.total_variation import minimise_total_variation

IMAGES = torch.rand(2, 1, 24, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def objective(smooth, images, weight):
    down, right = (torch.zeros_like(smooth) for _ in range(2))
    down[..., :-1, :], right[..., :-1] = smooth.diff(dim=2), smooth.diff(dim=3)
    return float(
        (smooth - images).square().sum() / 2 + weight * (down.square() + right.square()).sqrt().sum()
    )


def test_it_reaches_the_same_minimum_as_scikit_image():
    ours = minimise_total_variation(IMAGES[:1], weight=0.2, keep=1.0, steps=400)
    theirs = denoise_tv_chambolle(IMAGES[0, 0].numpy(), weight=0.2, eps=1e-9, max_num_iter=5000)
    other = torch.from_numpy(theirs)[None, None]
    assert objective(ours, IMAGES[:1], 0.2) <= objective(other, IMAGES[:1], 0.2) * (1 + 1e-4)
    assert float((ours - other).abs().max()) < 0.01


def test_a_constant_image_stays_whatever_is_dropped():
    images = torch.full((2, 3, 9, 9), 0.4)
    torch.testing.assert_close(minimise_total_variation(images, seeds=torch.arange(2)), images)


def test_without_weight_kept_pixels_stay():
    result = minimise_total_variation(IMAGES, keep=1.0, weight=1e-9)
    torch.testing.assert_close(result, IMAGES, rtol=0, atol=1e-6)


def test_an_image_does_not_depend_on_the_rest_of_its_batch():
    together = minimise_total_variation(IMAGES, seeds=torch.arange(2), steps=20)
    alone = minimise_total_variation(IMAGES[1:], seeds=torch.tensor([1]), steps=20)
    torch.testing.assert_close(together[1:], alone)


@pytest.mark.parametrize("wrong", [{"keep": 0.0}, {"keep": 0.5, "seeds": None}])
def test_a_share_out_of_range_or_without_seeds_is_refused(wrong):
    with pytest.raises(ValueError, match="keep"):
        minimise_total_variation(IMAGES, **wrong)
