"""The metrics of table 2.1 against closed forms and against implementations of others."""

import io
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.metrics.human_vision import psnr_hvs
from thesis_workloads.metrics.image_quality import METRICS, luma_of, quality_metrics
from thesis_workloads.metrics.peak_signal import psnr, psnr_salient
from thesis_workloads.metrics.structural_similarity import ms_ssim, ssim
from thesis_workloads.metrics.visual_information import vifp


@pytest.fixture(scope="module")
def pairs():
    """Three RGB pictures ``(3, 3, 184, 200)`` and what a JPEG of falling quality leaves of them."""
    generator = np.random.default_rng(0)
    images, decoded = [], []
    for quality in (80, 40, 10):
        layers = [
            np.asarray(
                Image.fromarray(generator.integers(0, 256, (side, side, 3), dtype=np.uint8)).resize(
                    (200, 184)
                )
            )
            for side in (4, 20, 100)
        ]
        image = Image.fromarray(np.mean(layers, axis=0).astype(np.uint8))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        images.append(torch.from_numpy(np.array(image)))
        decoded.append(torch.from_numpy(np.array(Image.open(file))))
    return tuple(torch.stack(each).permute(0, 3, 1, 2) for each in (images, decoded))


@pytest.fixture(scope="module")
def luma(pairs):
    return tuple(luma_of(each) for each in pairs)


def test_psnr_of_a_constant_error_is_its_closed_form():
    images = torch.full((2, 3, 8, 8), 100, dtype=torch.uint8)
    assert psnr(images, images + 5).tolist() == pytest.approx([20 * np.log10(255 / 5)] * 2)


def test_psnr_s_counts_the_pixels_above_one_half_and_no_other():
    images = torch.zeros(1, 3, 4, 4)
    others = images.clone()
    others[..., :2] = 10  # the left half
    others[..., 2:] = 50
    maps = torch.zeros(1, 4, 4)
    maps[..., :2], maps[..., 2:] = 0.51, 0.5
    assert psnr_salient(images, others, maps).item() == pytest.approx(20 * np.log10(255 / 10))


def test_psnr_s_over_everything_is_psnr(pairs):
    assert torch.allclose(psnr_salient(*pairs, torch.ones(3, 184, 200)), psnr(*pairs))


def test_psnr_s_is_nan_where_nothing_is_salient(pairs):
    assert psnr_salient(*pairs, torch.zeros(3, 184, 200)).isnan().all()


def test_psnr_is_that_of_scikit_image(pairs):
    from skimage.metrics import peak_signal_noise_ratio

    expected = [peak_signal_noise_ratio(a.numpy(), b.numpy()) for a, b in zip(*pairs, strict=True)]
    assert psnr(*pairs).tolist() == pytest.approx(expected, abs=1e-3)


def test_ssim_is_that_of_scikit_image(luma):
    from skimage.metrics import structural_similarity

    expected = [
        structural_similarity(
            a.numpy(),
            b.numpy(),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
        )
        for a, b in zip(*luma, strict=True)
    ]
    assert ssim(*luma).tolist() == pytest.approx(expected, abs=1e-6)


def test_ms_ssim_is_that_of_torchmetrics(luma):
    from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

    first, second = (each[:, None] for each in luma)
    expected = multiscale_structural_similarity_index_measure(
        second, first, data_range=255.0, reduction="none"
    )
    assert ms_ssim(*luma).tolist() == pytest.approx(expected.tolist(), abs=1e-3)


def test_vifp_says_nothing_of_a_constant_reference_unless_nothing_was_changed():
    flat = torch.full((1, 64, 64), 77.0)
    noisy = flat + 5 * torch.randn(1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert vifp(flat, noisy).isnan().all()
    assert vifp(flat, flat).tolist() == [1.0]
    assert vifp(noisy, flat).tolist() == pytest.approx([0.0], abs=1e-6)


def test_vifp_is_that_of_torchmetrics(luma):
    from torchmetrics.functional.image import visual_information_fidelity

    first, second = (each[:, None] for each in luma)
    expected = visual_information_fidelity(second, first, reduction="none")
    assert vifp(*luma).tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_psnr_hvs_and_psnr_hvs_m_are_those_of_the_package_psnr_hvsm(luma):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psnr_hvsm import psnr_hvs_hvsm
    found = psnr_hvs(*luma)
    for number, (a, b) in enumerate(zip(*luma, strict=True)):
        expected = [float(each) for each in psnr_hvs_hvsm(a.numpy() / 255, b.numpy() / 255)]
        assert [float(each[number]) for each in found] == pytest.approx(expected, abs=1e-3)


def test_the_same_image_has_the_best_value_of_every_metric(pairs):
    (found, *_) = quality_metrics(pairs[0], pairs[0], torch.ones(3, 184, 200))
    assert found == pytest.approx(
        {**dict.fromkeys(METRICS, 1.0), **dict.fromkeys(("psnr_s", "psnr", "psnr_hvs", "psnr_hvsm"), 100.0)}
    )


def test_a_batch_has_the_values_of_its_images(pairs):
    maps = torch.rand(3, 184, 200, generator=torch.Generator().manual_seed(0))
    together = quality_metrics(*pairs, maps)
    alone = [quality_metrics(*(each[[at]] for each in pairs), maps[[at]])[0] for at in range(3)]
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, rel=1e-9)


def test_all_metrics_fall_with_the_quality_of_the_jpeg(pairs):
    found = quality_metrics(*pairs, torch.ones(3, 184, 200))
    for name in METRICS:
        assert found[0][name] > found[1][name] > found[2][name]


def test_what_an_image_is_too_small_for_is_nan():
    images = torch.zeros(1, 3, 5, 5)
    (found,) = quality_metrics(images, images + 1, torch.ones(1, 5, 5))
    assert {name for name in METRICS if np.isnan(found[name])} == set(METRICS) - {"psnr", "psnr_s"}


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        psnr(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 5))
    with pytest.raises(ValueError, match="maps must"):
        psnr_salient(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 5))
