import pytest
import pywt
import torch

from thesis_workloads.imaging.filter_bank import decompose, reconstruct
from thesis_workloads.imaging.haar import haar_decompose

SHAPES = [(16, 16), (15, 18), (33, 21), (5, 40)]  # the last is shorter than db8's filters reach
WAVELETS = ["db1", "db2", "sym4", "db8"]


def channels_of(shape):
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.rand(2, 3, *shape, dtype=torch.float64, generator=generator)


def largest_difference(ours, theirs):
    return max(float((a - torch.as_tensor(b)).abs().max()) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.filterwarnings("ignore:Level value")
@pytest.mark.parametrize("wavelet", WAVELETS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("levels", [1, 3])
def test_coefficients_equal_pywavelets(wavelet, shape, levels):
    channels = channels_of(shape)
    expected = pywt.wavedec2(channels.numpy(), wavelet, level=levels, axes=(-2, -1))
    low, details = decompose(channels, wavelet=wavelet, levels=levels)
    ours = [low, *(band for level in details for band in level.unbind(2))]
    theirs = [expected[0], *(band for level in expected[1:] for band in level)]
    assert largest_difference(ours, theirs) < 1e-10


@pytest.mark.parametrize("wavelet", WAVELETS)
@pytest.mark.parametrize("shape", SHAPES)
def test_decomposing_and_reconstructing_gives_the_image(wavelet, shape):
    channels = channels_of(shape)
    low, details = decompose(channels, wavelet=wavelet, levels=3)
    result = reconstruct(low, details, wavelet=wavelet, height=shape[0], width=shape[1])
    torch.testing.assert_close(result, channels, rtol=0, atol=1e-9)


def test_of_db1_it_gives_what_the_haar_transform_gives():
    channels = channels_of((15, 18))
    low, details = decompose(channels, wavelet="db1", levels=2)
    haar_low, haar_details = haar_decompose(channels, levels=2)
    assert largest_difference([low, *details], [haar_low, *haar_details]) < 1e-12


def test_gradients_of_both_directions_are_right():
    channels = channels_of((6, 5))[:1, :1].requires_grad_()

    def there_and_back(x):
        low, details = decompose(x, wavelet="db2", levels=2)
        return reconstruct(low * 2, [level**2 for level in details], wavelet="db2", height=6, width=5)

    assert torch.autograd.gradcheck(there_and_back, (channels,))


def test_a_wavelet_that_is_not_orthogonal_is_refused():
    with pytest.raises(ValueError, match="orthogonal"):
        decompose(channels_of((16, 16)), wavelet="bior2.2", levels=1)
