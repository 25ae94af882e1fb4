import numpy as np
import pytest
import torch
from scipy.fft import dctn

from thesis_workloads.imaging.jpeg.mosaic import mosaic_coefficients
from thesis_workloads.imaging.jpeg.planes import planes_of_image
from thesis_workloads.imaging.jpeg.size import scale_for_bits
from thesis_workloads.imaging.jpeg.tables import tables_of_quality, zigzag_order

QUALITIES = (10.0, 40.0, 90.0)


def block_by_block(planes, levels, *, rounding):
    """The mosaic written as its definition reads, in the order of a file."""
    found = []

    def add(number, row, column):
        block = planes[number][8 * row : 8 * row + 8, 8 * column : 8 * column + 8].astype(float) - 128
        exact = dctn(block, norm="ortho").reshape(64)[zigzag_order()]
        table = tables_of_quality(QUALITIES[levels[number][row, column]])[min(number, 1)]
        steps = np.rint(exact / table)
        found.append(steps * table if rounding == "jpeg" else exact * (steps != 0))

    height, width = levels[0].shape
    if len(planes) == 1:
        for row in range(height):
            for column in range(width):
                add(0, row, column)
        return np.array(found)
    for row in range(0, height, 2):
        for column in range(0, width, 2):
            for down in (0, 1):
                for across in (0, 1):
                    add(0, row + down, column + across)
            add(1, row // 2, column // 2)
            add(2, row // 2, column // 2)
    return np.array(found)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("rounding", ["jpeg", "keep"])
def test_the_mosaic_of_all_blocks_at_once_is_that_of_one_after_another(make_image, rounding, mode):
    planes = planes_of_image(make_image(96, 64, mode=mode))
    generator = torch.Generator().manual_seed(0)
    levels = [torch.randint(0, 3, (p.shape[0] // 8, p.shape[1] // 8), generator=generator) for p in planes]
    (part,) = mosaic_coefficients(planes, levels, QUALITIES, rounding=rounding)
    expected = block_by_block(planes, levels, rounding=rounding)
    found = np.zeros_like(expected)
    found[:, 0] = part.first
    found[part.places >> 6, part.places & 63] = part.values
    # Where a value falls between two steps to the last digit, float32 may take the other one.
    off = np.abs(found - expected) > 1e-3
    assert off.mean() < 0.001
    assert ((part.cells >= 64) == (part.kinds[part.places >> 6] == 1)).all()


def test_the_search_finds_the_scale_of_a_smooth_function():
    assert scale_for_bits(lambda scale: 1e5 * scale**-0.7, 7e4, guess=1.0) == pytest.approx(
        (10 / 7) ** (1 / 0.7), rel=0.005
    )


def test_the_search_ends_on_the_nearer_side_where_a_size_jumps_over_the_target():
    assert scale_for_bits(lambda scale: 2e5 if scale < 0.77 else 1e5, 1.5e5, guess=1.0) < 0.77
    assert scale_for_bits(lambda scale: 2e5 if scale < 0.77 else 1e5, 1.3e5, guess=0.1) >= 0.77
