import numpy as np
import pytest
import torch
from scipy.ndimage import median_filter
from skimage.restoration import denoise_nl_means

from thesis_workloads.defenses.bit_depth import reduce_bit_depth
from thesis_workloads.defenses.median import smooth_by_median
from thesis_workloads.defenses.nonlocal_means import average_similar_patches

IMAGES = torch.rand(2, 3, 20, 17, generator=torch.Generator().manual_seed(0))


def test_two_bits_leave_four_values():
    values = torch.tensor([0.0, 0.1, 0.2, 0.4, 0.6, 0.9, 1.0]).view(1, 1, 1, 7)
    expected = torch.tensor([0, 0, 1, 1, 2, 3, 3]) / 3
    torch.testing.assert_close(reduce_bit_depth(values, bits=2).flatten(), expected)


def test_eight_bits_leave_an_8_bit_image():
    levels = torch.arange(256).view(1, 1, 16, 16) / 255
    torch.testing.assert_close(reduce_bit_depth(levels, bits=8), levels)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_median_is_scipys(size):
    expected = median_filter(IMAGES.numpy(), size=(1, 1, size, size), mode="nearest")
    assert np.array_equal(smooth_by_median(IMAGES, size=size).numpy(), expected)


def test_nonlocal_means_uses_the_tables_numbers_as_feature_squeezing_does():
    expected = denoise_nl_means(
        IMAGES[1].numpy(), patch_size=3, patch_distance=6, h=4 / 255, fast_mode=True, channel_axis=0
    )
    result = average_similar_patches(IMAGES, search=13, patch=3, strength=4)[1].numpy()
    np.testing.assert_allclose(result, np.clip(expected, 0, 1), atol=1e-6)


@pytest.mark.parametrize(
    "wrong", [lambda: reduce_bit_depth(IMAGES, bits=0), lambda: smooth_by_median(IMAGES, size=0)]
)
def test_a_size_of_zero_is_refused(wrong):
    with pytest.raises(ValueError, match="1 or more"):
        wrong()
