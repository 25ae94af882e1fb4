import torch
from skimage.color import rgb2ycbcr

from thesis_workloads.imaging.color import rgb_to_ycbcr, ycbcr_to_rgb

IMAGES = torch.rand(2, 3, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_it_equals_scikit_images_ycbcr():
    expected = torch.from_numpy(rgb2ycbcr(IMAGES.permute(0, 2, 3, 1).numpy())).permute(0, 3, 1, 2)
    torch.testing.assert_close(rgb_to_ycbcr(IMAGES), expected, rtol=0, atol=1e-10)


def test_there_and_back_is_the_same_image():
    torch.testing.assert_close(ycbcr_to_rgb(rgb_to_ycbcr(IMAGES)), IMAGES, rtol=0, atol=1e-12)


def test_white_is_235_128_128():
    white = rgb_to_ycbcr(torch.ones(1, 3, 1, 1, dtype=torch.float64)).flatten()
    torch.testing.assert_close(white, torch.tensor([235.0, 128, 128], dtype=torch.float64))
