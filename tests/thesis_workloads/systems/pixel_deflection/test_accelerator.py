import pytest
import torch

from thesis_workloads.defenses.counter_random import image_seeds
from thesis_workloads.systems.pixel_deflection.pipeline import defend

IMAGES = torch.rand(4, 3, 64, 48, generator=torch.Generator().manual_seed(0))
SALIENCY = torch.rand(4, 64, 48, generator=torch.Generator().manual_seed(1))


@pytest.mark.gpu
@pytest.mark.parametrize("variant", ["text", "released"])
def test_an_accelerator_moves_the_same_pixels_to_the_bit(variant):
    seeds = image_seeds(torch.arange(4), seed=0)
    settings = {"num_deflections": 500, "variant": variant, "denoisers": ()}
    here = defend(IMAGES, seeds=seeds, saliency=SALIENCY, **settings)
    there = defend(IMAGES.cuda(), seeds=seeds.cuda(), saliency=SALIENCY.cuda(), **settings)
    assert torch.equal(there.cpu(), here)


@pytest.mark.gpu
def test_an_accelerator_denoises_to_the_same_image():
    seeds = image_seeds(torch.arange(4), seed=0)
    here = defend(IMAGES, seeds=seeds, saliency=SALIENCY)
    there = defend(IMAGES.cuda(), seeds=seeds.cuda(), saliency=SALIENCY.cuda())
    torch.testing.assert_close(there.cpu(), here, rtol=0, atol=1e-5)
