import numpy as np
import pytest
import torch
from scipy.fft import dctn, idctn

from thesis_workloads.imaging.jpeg_file import encode_jpeg, scan_bits
from thesis_workloads.imaging.jpeg_planes import image_of_planes, planes_of_image
from thesis_workloads.imaging.jpeg_size import count_bits, scale_for_bits
from thesis_workloads.imaging.jpeg_tables import tables_of_quality, zigzag_order
from thesis_workloads.imaging.mosaic import mosaic_planes

QUALITIES = (10.0, 40.0, 90.0)


def block_by_block(plane, level, kind, *, rounding):
    """The mosaic written as its definition reads."""
    found = np.empty_like(plane)
    for row in range(0, plane.shape[0], 8):
        for column in range(0, plane.shape[1], 8):
            quality = QUALITIES[level[row // 8, column // 8]]
            table = np.empty(64)
            table[zigzag_order()] = tables_of_quality(quality)[kind]
            block = dctn(plane[row : row + 8, column : column + 8].astype(float) - 128, norm="ortho")
            steps = np.rint(block / table.reshape(8, 8))
            kept = steps * table.reshape(8, 8) if rounding == "jpeg" else block * (steps != 0)
            found[row : row + 8, column : column + 8] = np.clip(
                np.floor(idctn(kept, norm="ortho") + 128.5), 0, 255
            )
    return found


@pytest.mark.parametrize("rounding", ["jpeg", "keep"])
def test_the_mosaic_of_all_blocks_at_once_is_that_of_one_after_another(picture, rounding):
    planes = planes_of_image(picture(96, 64))
    generator = torch.Generator().manual_seed(0)
    levels = [torch.randint(0, 3, (p.shape[0] // 8, p.shape[1] // 8), generator=generator) for p in planes]
    found, _ = mosaic_planes(planes, levels, QUALITIES, rounding=rounding)
    for number, (plane, level) in enumerate(zip(planes, levels, strict=True)):
        expected = block_by_block(plane, level.numpy(), min(number, 1), rounding=rounding)
        # Where a value falls between two levels to the last digit, float32 may take the other one.
        assert (np.abs(found[number].astype(int) - expected) > 1).sum() == 0
        assert (found[number] != expected).mean() < 0.03


def test_bands_change_nothing(picture, monkeypatch):
    planes = planes_of_image(picture(64, 96))
    levels = [torch.ones(p.shape[0] // 8, p.shape[1] // 8, dtype=torch.int64) for p in planes]
    whole, kept = mosaic_planes(planes, levels, QUALITIES)
    monkeypatch.setattr("thesis_workloads.imaging.mosaic._BAND_PIXELS", 1)
    banded, parts = mosaic_planes(planes, levels, QUALITIES)
    assert all((a == b).all() for a, b in zip(whole, banded, strict=True))
    assert len(parts) > len(kept)
    assert count_bits(parts, 1.0) == pytest.approx(count_bits(kept, 1.0), rel=0.02)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_encoder_is_given_the_very_planes_of_the_mosaic(picture, mode):
    planes = planes_of_image(picture(70, 41, mode=mode))
    back = image_of_planes(planes, width=70, height=41)
    assert back.size == (70, 41)
    assert (np.asarray(back.getchannel(0)) == planes[0][:41, :70]).all()
    if mode == "RGB":
        assert (np.asarray(back.getchannel(1))[::2, ::2] == planes[1][:21, :35]).all()


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("scale", [0.4, 1.0, 2.0])
def test_counted_bits_are_those_that_the_encoder_writes(picture, mode, scale):
    planes = planes_of_image(picture(160, 128, mode=mode))
    levels = [torch.full((p.shape[0] // 8, p.shape[1] // 8), 2) for p in planes]
    done, left = mosaic_planes(planes, levels, QUALITIES)
    written = scan_bits(encode_jpeg(image_of_planes(done, width=160, height=128), scale))
    assert count_bits(left, scale) == pytest.approx(written, rel=0.04)


def test_the_search_finds_the_scale_of_a_smooth_function():
    assert scale_for_bits(lambda scale: 1e5 * scale**-0.7, 7e4, guess=1.0) == pytest.approx(
        (10 / 7) ** (1 / 0.7), rel=0.005
    )


def test_the_search_ends_where_a_size_jumps_over_the_target():
    scale = scale_for_bits(lambda scale: 2e5 if scale < 0.77 else 1e5, 1.5e5, guess=1.0)
    assert scale == pytest.approx(0.77, rel=0.01)
