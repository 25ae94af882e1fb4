import numpy as np
import pytest
import torch
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from thesis_workloads.defenses.anisotropic import diffuse
from thesis_workloads.defenses.bilateral import filter_bilaterally
from thesis_workloads.defenses.block_dct import dct_matrix, denoise_block_dct
from thesis_workloads.defenses.deconvolution import deconvolve
from thesis_workloads.defenses.jpeg import compress_as_jpeg

GENERATOR = torch.Generator().manual_seed(0)
SMOOTH = torch.linspace(0.2, 0.8, 32).view(1, 1, 1, 32).expand(2, 3, 32, 32)
NOISY = (SMOOTH + 0.05 * torch.randn(2, 3, 32, 32, generator=GENERATOR)).clamp(0, 1)
SMOOTHERS = [diffuse, filter_bilaterally, denoise_block_dct, deconvolve, compress_as_jpeg]


@pytest.mark.parametrize("smoother", SMOOTHERS)
def test_noise_on_a_ramp_gets_less(smoother):
    before = (NOISY - SMOOTH).square().mean()
    assert float((smoother(NOISY) - SMOOTH).square().mean()) < 0.9 * float(before)


@pytest.mark.parametrize("smoother", SMOOTHERS)
def test_a_gray_image_stays(smoother):
    images = torch.full((1, 3, 16, 24), 128 / 255)
    torch.testing.assert_close(smoother(images), images, rtol=0, atol=2e-3)


def test_the_matrix_of_the_block_dct_is_scipys():
    block = torch.rand(8, 8, dtype=torch.float64, generator=GENERATOR)
    basis = dct_matrix(block)
    np.testing.assert_allclose(
        (basis @ block @ basis.T).numpy(), dctn(block.numpy(), norm="ortho"), atol=1e-12
    )


def test_the_block_dct_without_noise_gives_the_image_at_any_size():
    images = torch.rand(2, 3, 13, 22, dtype=torch.float64, generator=GENERATOR)
    torch.testing.assert_close(denoise_block_dct(images, sigma=0.0), images, rtol=0, atol=1e-9)


def test_the_gradient_of_the_block_dct_is_right():
    images = 0.3 + 0.4 * torch.rand(1, 3, 8, 8, dtype=torch.float64, generator=GENERATOR)
    wide = torch.cat([images, 1 - images], dim=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: denoise_block_dct(x, sigma=0.1), (wide,), fast_mode=True)


def test_diffusion_keeps_the_sum_and_a_high_edge():
    step = torch.zeros(1, 1, 6, 10)
    step[..., 5:] = 1
    torch.testing.assert_close(diffuse(step), step)
    assert float(diffuse(NOISY).sum()) == pytest.approx(float(NOISY.sum()), rel=1e-5)


def test_one_step_of_diffusion_by_hand():
    images = torch.tensor([0.0, 0.1, 0.0]).view(1, 1, 1, 3)
    flow = 0.2 * 0.1 * np.exp(-1)
    result = diffuse(images, steps=1, rate=0.2, edge=0.1).flatten()
    torch.testing.assert_close(result, torch.tensor([flow, 0.1 - 2 * flow, flow]), check_dtype=False)


def test_the_bilateral_filter_is_its_formula_at_one_pixel():
    image, (y, x) = NOISY[1].double(), (4, 29)
    rows, columns = (torch.arange(-3, 4) + at for at in (y, x))
    window = image[:, rows.clamp(0, 31)][:, :, columns.clamp(0, 31)]
    near = torch.exp(-((rows - y)[:, None] ** 2 + (columns - x) ** 2) / 2)
    alike = torch.exp(-(window - image[:, y, x, None, None]).square().sum(0) / (2 * 0.1**2))
    expected = (window * near * alike).sum((1, 2)) / (near * alike).sum()
    result = filter_bilaterally(NOISY.double(), sigma_color=0.1)
    torch.testing.assert_close(result[1, :, y, x], expected)


def test_a_bilateral_filter_blind_to_colour_is_a_gaussian():
    expected = gaussian_filter(NOISY.double().numpy(), (0, 0, 1, 1), mode="nearest", truncate=3)
    result = filter_bilaterally(NOISY.double(), sigma_color=1e6).numpy()
    np.testing.assert_allclose(result, expected, atol=1e-9)


def test_the_bilateral_filter_keeps_a_high_edge():
    step = torch.zeros(1, 3, 8, 10)
    step[..., 5:] = 1
    torch.testing.assert_close(filter_bilaterally(step, sigma_color=0.05), step)


def test_a_higher_jpeg_quality_stays_nearer():
    errors = [float((compress_as_jpeg(NOISY, quality=q) - NOISY).square().mean()) for q in (30, 75, 95)]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("quality", [0, 96])
def test_an_impossible_jpeg_quality_is_refused(quality):
    with pytest.raises(ValueError, match="quality"):
        compress_as_jpeg(NOISY, quality=quality)
