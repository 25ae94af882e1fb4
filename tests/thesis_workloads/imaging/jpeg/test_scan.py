import importlib.util
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.imaging.content_aware import Encoding, bits_of_levels, encode_content_aware
from thesis_workloads.imaging.jpeg.codes import standard_codes
from thesis_workloads.imaging.jpeg.file import assemble_jpeg, encode_jpeg, scan_bits
from thesis_workloads.imaging.jpeg.mosaic import mosaic_coefficients
from thesis_workloads.imaging.jpeg.planes import planes_of_image
from thesis_workloads.imaging.jpeg.scan import count_bits, scan_bytes

_spec = importlib.util.spec_from_file_location("scan_reader", Path(__file__).parent / "scan_reader.py")
scan_reader = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scan_reader)


def coefficients_of(image, quality=100.0, rounding="keep"):
    planes = planes_of_image(image)
    levels = [torch.zeros(p.shape[0] // 8, p.shape[1] // 8, dtype=torch.int64) for p in planes]
    return mosaic_coefficients(planes, levels, (quality,), rounding=rounding, size=image.size)


def test_the_codes_are_those_that_libjpeg_writes_into_its_files(make_image):
    tables = scan_reader.huffman_tables(encode_jpeg(make_image(16, 16), 1.0))
    codes = standard_codes()
    for kind in (0, 1):
        for (length, code), size in tables[kind].items():
            assert codes.first[kind, size] == code << size
            assert codes.first_bits[kind, size] == length + size
        for (length, code), symbol in tables[0x10 | kind].items():
            if symbol & 15:
                assert codes.further[kind, symbol] == code << (symbol & 15)
                assert codes.further_bits[kind, symbol] == length + (symbol & 15)
        further = {symbol: length for (length, _), symbol in tables[0x10 | kind].items()}
        assert codes.further_bits[kind, 35 << 4 | 3] == 2 * further[0xF0] + further[3 << 4 | 3] + 3
        assert tables[0x10 | kind][int(codes.end_bits[kind]), int(codes.end[kind])] == 0


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("scale", [0.05, 0.4, 1.0, 3.0])
def test_a_file_of_coefficients_is_the_one_that_libjpeg_makes_of_the_pixels(make_image, mode, scale):
    image = make_image(133, 71, mode=mode)
    ours = assemble_jpeg(coefficients_of(image), scale, width=133, height=71)
    theirs = encode_jpeg(image, scale)
    assert scan_bits(ours) == pytest.approx(scan_bits(theirs), rel=0.03)
    a, b = (np.asarray(Image.open(io.BytesIO(each)), dtype=float) for each in (ours, theirs))
    true = np.asarray(image, dtype=float)
    assert a.shape == b.shape
    assert np.square(a - true).mean() == pytest.approx(np.square(b - true).mean(), rel=0.1)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_counted_bits_are_the_written_ones(make_image, mode):
    parts = coefficients_of(make_image(90, 120, mode=mode))
    for scale in (0.1, 1.0, 2.5):
        written = 8 * len(scan_bytes(parts, scale).replace(b"\xff\x00", b"\xff"))
        assert 0 <= written - count_bits(parts, scale) < 8


def test_bands_change_no_byte(make_image, monkeypatch):
    image = make_image(64, 96)
    whole = scan_bytes(coefficients_of(image), 0.5)
    monkeypatch.setattr("thesis_workloads.imaging.jpeg.mosaic._BAND_PIXELS", 1)
    parts = coefficients_of(image)
    assert len(parts) == 6
    assert scan_bytes(parts, 0.5) == whole


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_bits_of_each_level_are_those_of_its_blocks_in_the_file(make_image, mode):
    image = make_image(120, 88, mode=mode)
    saliency = torch.linspace(0, 1, 120).expand(88, 120)
    encoded = encode_content_aware(image, saliency, Encoding(q_low=10, q_high=90, rounding="keep"))
    blocks = scan_reader.read_blocks(encoded.data)
    counted = dict.fromkeys(range(5), 0)
    for place, block in enumerate(blocks):
        # Found again from the place in the picture: 8 macroblocks a row at 4:2:0, or 15 blocks of grey.
        if mode == "L":
            left, right = place % 15 * 8, place % 15 * 8 + 8
        else:
            left = place // 6 % 8 * 16 + (8 * (place % 6 % 2) if place % 6 < 4 else 0)
            right = left + (8 if place % 6 < 4 else 16)
        columns = [min(each, 119) for each in range(left, right)]
        mean = float(saliency[0, columns].mean())
        counted[min(4, max(0, int(np.ceil(mean * 5)) - 1))] += block.num_bits
    assert bits_of_levels(encoded) == tuple(counted.values())


def test_a_level_s_blocks_hold_only_what_its_table_left(make_image):
    encoded = encode_content_aware(
        make_image(128, 96), torch.zeros(96, 128), Encoding(q_low=1, q_high=90, rounding="keep")
    )
    busiest = max(sum(map(bool, block.coefficients)) for block in scan_reader.read_blocks(encoded.data))
    assert busiest <= 6
