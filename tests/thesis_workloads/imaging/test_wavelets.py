import numpy as np
import pytest
import torch
from skimage import color, data
from skimage.restoration import denoise_wavelet as scikit_denoise

from thesis_workloads.imaging.wavelets import denoise_wavelet, num_levels

PHOTO = data.astronaut()[100:324, 120:344] / 255.0
NOISY = np.clip(PHOTO + np.random.default_rng(0).normal(scale=0.05, size=PHOTO.shape), 0, 1)
IMAGES = torch.from_numpy(NOISY).permute(2, 0, 1)[None]


def as_array(images):
    return images[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("wavelet", ["db1", "db2", "sym4"])
@pytest.mark.parametrize(("method", "name"), [("bayes", "BayesShrink"), ("visu", "VisuShrink")])
@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_with_sigma_of_rgb_it_equals_todays_scikit_image(wavelet, method, name, mode):
    expected = scikit_denoise(
        NOISY, sigma=0.06, wavelet=wavelet, mode=mode, method=name, convert2ycbcr=True, channel_axis=-1
    )
    result = denoise_wavelet(IMAGES, sigma=0.06, wavelet=wavelet, method=method, mode=mode, sigma_scale="rgb")
    assert np.abs(as_array(result) - np.clip(expected, 0, 1)).max() < 1e-10


@pytest.mark.parametrize("wavelet", ["db1", "db2"])
def test_legacy_equals_scikit_image_on_channels_stretched_one_by_one(wavelet):
    channels = color.rgb2ycbcr(NOISY)
    for c in range(3):
        low, high = channels[..., c].min(), channels[..., c].max()
        stretched = (channels[..., c] - low) / (high - low)
        done = np.clip(scikit_denoise(stretched, sigma=0.04, wavelet=wavelet), 0, 1)
        channels[..., c] = done * (high - low) + low
    expected = np.clip(color.ycbcr2rgb(channels), 0, 1)
    result = denoise_wavelet(IMAGES, sigma=0.04, wavelet=wavelet, sigma_scale="legacy")
    assert np.abs(as_array(result) - expected).max() < 1e-10


@pytest.mark.parametrize(
    ("wavelet", "method"),
    [("db1", "bayes"), ("db1", "visu"), ("db1", "sure"), ("db2", "bayes"), ("sym4", "sure")],
)
@pytest.mark.parametrize("crop", [224, 99])
def test_torch_and_pywavelets_give_one_image_in_single_precision(wavelet, method, crop):
    images = IMAGES[..., :crop, : crop - 2].float()
    ours = denoise_wavelet(images, wavelet=wavelet, method=method, backend="torch")
    theirs = denoise_wavelet(images, wavelet=wavelet, method=method, backend="pywavelets")
    assert float((ours - theirs).abs().max()) < 1e-5


def test_no_noise_leaves_the_image():
    torch.testing.assert_close(denoise_wavelet(IMAGES, sigma=0.0), IMAGES, rtol=0, atol=1e-9)


def test_a_constant_image_stays():
    images = torch.full((1, 3, 32, 32), 0.3, dtype=torch.float64)
    torch.testing.assert_close(denoise_wavelet(images), images, rtol=0, atol=1e-9)


def test_it_brings_a_noisy_photograph_nearer_to_the_clean_one():
    result = as_array(denoise_wavelet(IMAGES, sigma=0.05, sigma_scale="rgb"))
    assert np.square(result - PHOTO).mean() < 0.6 * np.square(NOISY - PHOTO).mean()


def test_an_image_does_not_depend_on_the_rest_of_its_batch():
    images = torch.cat([IMAGES.roll(7 * i, dims=3) for i in range(5)]).float()
    together, alone = denoise_wavelet(images), denoise_wavelet(images[3:4])
    torch.testing.assert_close(together[3:4], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("wavelet", ["db1", "db2"])
def test_the_gradient_through_the_whole_denoiser_is_right(wavelet):
    generator = torch.Generator().manual_seed(2)
    images = 0.3 + 0.4 * torch.rand(1, 3, 8, 8, dtype=torch.float64, generator=generator)
    assert torch.autograd.gradcheck(
        lambda x: denoise_wavelet(x, sigma=0.1, wavelet=wavelet), (images.requires_grad_(),)
    )


def test_levels_follow_scikit_images_rule():
    assert (num_levels(224, 224, "db1"), num_levels(299, 299, "db2"), num_levels(8, 8, "db1")) == (4, 3, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"backend": "jax"}, {"backend": "torch", "wavelet": "bior2.2"}, {"sigma": -1.0}, {"sigma_scale": "hsv"}],
)
def test_what_it_cannot_do_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        denoise_wavelet(IMAGES, **wrong)


def test_a_gradient_through_pywavelets_is_refused():
    with pytest.raises(ValueError, match="no gradients"):
        denoise_wavelet(IMAGES.clone().requires_grad_(), wavelet="db2", backend="pywavelets")
