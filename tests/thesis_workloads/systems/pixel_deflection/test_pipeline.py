import pytest
import torch

from thesis_workloads.defenses.counter_random import image_seeds
from thesis_workloads.imaging.wavelets import denoise_wavelet
from thesis_workloads.systems.pixel_deflection.deflect import deflect
from thesis_workloads.systems.pixel_deflection.pipeline import DENOISERS, defend
from thesis_workloads.systems.pixel_deflection.released import deflect_released

IMAGES = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
SALIENCY = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(1))
SEEDS = image_seeds(torch.arange(3), seed=0)


def test_it_deflects_and_then_denoises():
    moved = deflect(IMAGES, seeds=SEEDS, saliency=SALIENCY, num_deflections=50, window=4)
    result = defend(IMAGES, seeds=SEEDS, saliency=SALIENCY, num_deflections=50, window=4, wavelet="db2")
    assert torch.equal(result, denoise_wavelet(moved, sigma=0.04, wavelet="db2"))


def test_without_denoisers_it_only_deflects():
    result = defend(IMAGES, seeds=SEEDS, saliency=SALIENCY, denoisers=(), variant="released")
    assert torch.equal(result, deflect_released(IMAGES, seeds=SEEDS, saliency=SALIENCY))


def test_without_attempts_it_only_denoises():
    assert torch.equal(defend(IMAGES, seeds=SEEDS, num_deflections=0), denoise_wavelet(IMAGES))


@pytest.mark.parametrize("denoiser", DENOISERS)
def test_every_denoiser_gives_images_in_zero_to_one(denoiser):
    result = defend(IMAGES, seeds=SEEDS, denoisers=(denoiser,))
    assert result.shape == IMAGES.shape
    assert 0 <= float(result.min()) <= float(result.max()) <= 1


def test_the_true_gradient_of_one_draw_is_right():
    generator = torch.Generator().manual_seed(3)
    images = 0.3 + 0.4 * torch.rand(1, 3, 8, 8, dtype=torch.float64, generator=generator)
    seeds, saliency = SEEDS[:1], SALIENCY[:1, :8, :8]

    def defended(x):
        return defend(x, seeds=seeds, saliency=saliency, num_deflections=40, window=2, sigma=0.1)

    assert torch.autograd.gradcheck(defended, (images.requires_grad_(),))


@pytest.mark.parametrize("wrong", [{"variant": "new"}, {"denoisers": ("sharpen",)}])
def test_unknown_names_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        defend(IMAGES, seeds=SEEDS, **wrong)


def test_the_released_variant_has_no_other_sampling():
    with pytest.raises(ValueError, match="released"):
        defend(IMAGES, seeds=SEEDS, variant="released", sampling="gaussian")
