import pytest
import torch
import torch.nn.functional as F

from thesis_workloads.defenses.resize_and_pad import resize_and_pad

IMAGES = 0.5 + 0.5 * torch.rand(6, 3, 50, 50, generator=torch.Generator().manual_seed(0))  # nowhere zero
SEEDS = torch.arange(6)


def box_of(image):
    rows, columns = (image[0] != 0).any(1).nonzero().flatten(), (image[0] != 0).any(0).nonzero().flatten()
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def test_each_image_is_resized_and_set_in_zeros():
    result = resize_and_pad(IMAGES, seeds=SEEDS)
    assert result.shape == (6, 3, 55, 55)
    for image, placed in zip(IMAGES, result, strict=True):
        top, bottom, left, right = box_of(placed)
        expected = F.interpolate(image[None], size=(bottom - top, right - left), mode="bilinear")[0]
        torch.testing.assert_close(placed[:, top:bottom, left:right], expected)


def test_sides_and_places_vary_over_images():
    boxes = [box_of(image) for image in resize_and_pad(IMAGES, seeds=SEEDS)]
    assert len({bottom - top for top, bottom, _, _ in boxes}) > 1
    assert len({(top, left) for top, _, left, _ in boxes}) > 1


def test_padding_alone_keeps_every_pixel():
    result = resize_and_pad(IMAGES, seeds=SEEDS, resize=False)
    for image, placed in zip(IMAGES, result, strict=True):
        top, bottom, left, right = box_of(placed)
        torch.testing.assert_close(placed[:, top:bottom, left:right], image)


def test_resizing_alone_keeps_the_size():
    assert resize_and_pad(IMAGES, seeds=SEEDS, pad=False).shape == IMAGES.shape


def test_without_seeds_it_refuses():
    with pytest.raises(ValueError, match="seeds"):
        resize_and_pad(IMAGES, seeds=None)
