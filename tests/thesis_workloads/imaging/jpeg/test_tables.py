import io

import numpy as np
import pytest
from PIL import Image

from thesis_workloads.imaging.jpeg.tables import (
    quality_of_scale,
    scale_of_quality,
    tables_of_quality,
    tables_of_scale,
    zigzag_order,
)


@pytest.mark.parametrize("quality", [1, 10, 33, 49, 50, 51, 75, 95, 100])
def test_a_whole_quality_has_the_tables_of_libjpeg(quality):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", quality=quality)
    written = Image.open(file).quantization
    expected = np.array([written[0], written[1]])[:, zigzag_order()]
    assert (tables_of_quality(quality) == expected).all()


def test_the_zigzag_begins_and_ends_as_the_standard_draws_it():
    assert zigzag_order()[:10].tolist() == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]
    assert sorted(zigzag_order()) == list(range(64))


def test_scale_and_quality_are_each_other_s_inverse():
    for quality in (5, 30, 49.5, 50, 57.3, 90):
        assert quality_of_scale(scale_of_quality(quality)) == pytest.approx(quality)


def test_tables_stay_within_what_a_baseline_file_can_hold():
    assert tables_of_scale(0).min() == 1
    assert tables_of_scale(1000).max() == 255


def test_a_quality_out_of_range_is_refused():
    with pytest.raises(ValueError, match="quality must be within"):
        scale_of_quality(0)
