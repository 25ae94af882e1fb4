import pytest
import pywt
import torch

from thesis_workloads.imaging.haar import haar_decompose, haar_reconstruct

SHAPES = [(16, 16), (15, 18), (13, 9), (33, 21)]


def channels_of(shape):
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.rand(2, 3, *shape, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("levels", [1, 3])
def test_coefficients_equal_pywavelets(shape, levels):
    channels = channels_of(shape)
    expected = pywt.wavedec2(channels.numpy(), "db1", level=levels, axes=(-2, -1))
    low, details = haar_decompose(channels, levels=levels)
    ours = [low, *(band for level in details for band in level.unbind(2))]
    theirs = [expected[0], *(band for level in expected[1:] for band in level)]
    assert (
        max(float((a - torch.from_numpy(b)).abs().max()) for a, b in zip(ours, theirs, strict=True)) < 1e-12
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_decomposing_and_reconstructing_gives_the_image(shape):
    channels = channels_of(shape)
    low, details = haar_decompose(channels, levels=3)
    result = haar_reconstruct(low, details, height=shape[0], width=shape[1])
    torch.testing.assert_close(result, channels, rtol=0, atol=1e-12)


def test_the_sum_of_squares_is_kept():
    channels = channels_of((16, 16))
    low, details = haar_decompose(channels, levels=2)
    energy = low.square().sum() + sum(level.square().sum() for level in details)
    torch.testing.assert_close(energy, channels.square().sum())


def test_gradients_of_both_directions_are_right():
    channels = channels_of((6, 5))[:1, :1].requires_grad_()

    def there_and_back(x):
        low, details = haar_decompose(x, levels=2)
        return haar_reconstruct(low * 2, [level**2 for level in details], height=6, width=5)

    assert torch.autograd.gradcheck(there_and_back, (channels,))
