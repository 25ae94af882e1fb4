"""The search for a size: no miss where there is a scale within 1 %."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from thesis_workloads.imaging.content_aware import TOLERANCE, Encoding, encode_content_aware
from thesis_workloads.imaging.jpeg.file import assemble_jpeg
from thesis_workloads.imaging.jpeg.match_size import SizeLimits, match_size
from thesis_workloads.imaging.jpeg.tables import scales_of_changes, tables_of_scale

QUALITIES = (20, 50, 75, 90, 95)


def images():
    """Ten pictures of 96 x 72: parts of photographs, a drawing, and noise."""
    found = []
    for photograph in (data.astronaut(), data.coffee(), data.chelsea(), data.camera(), data.rocket()):
        image = Image.fromarray(photograph).reduce(2)
        found += [image.crop((left, 40, left + 96, 112)) for left in (20, 90)]
    noise = np.random.default_rng(0).integers(0, 256, (72, 96, 3), dtype=np.uint8)
    return [*found[:8], Image.fromarray(noise), Image.fromarray(data.checkerboard()).crop((0, 0, 96, 72))]


def maps(width, height):
    down, across = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    beside = torch.exp(-((across - 0.4) / 0.25).square() - ((down - 0.5) / 0.25).square())
    random = torch.rand(height, width, generator=torch.Generator().manual_seed(0))
    return [beside, random, torch.zeros(height, width), across]


def sizes_near(encoded, image):
    """Returns the size of the file of every table near the one that was found."""
    changes = scales_of_changes(encoded.scale / 1.5, encoded.scale * 1.5)
    return [
        len(assemble_jpeg(encoded.coefficients, scale, width=image.width, height=image.height))
        for scale in np.sqrt(changes[1:] * changes[:-1])
    ]


def test_of_200_images_maps_and_qualities_none_is_missed_where_a_size_within_1_percent_exists():
    count, missed = 0, []
    for number, image in enumerate(images()):
        for place, saliency in enumerate(maps(*image.size)):
            for quality in QUALITIES:
                count += 1
                encoded = encode_content_aware(image, saliency, Encoding(quality=quality, rounding="keep"))
                if encoded.is_matched:
                    continue
                plain = len(encoded.plain)
                if any(abs(size - plain) <= TOLERANCE * plain for size in sizes_near(encoded, image)):
                    missed.append((number, place, quality, encoded.size_ratio))
    assert count == 200
    assert missed == []


def test_the_search_does_not_stop_at_the_scale_that_it_found_before():
    image = Image.fromarray(data.camera())
    saliency = maps(512, 512)[0]
    assert encode_content_aware(image, saliency, Encoding(quality=90)).is_matched


def test_a_function_with_a_jump_at_the_wanted_size_ends_at_the_nearest_side():
    def bits_at(scale):
        return 8 * (1200 if scale < 1 else 800)

    found = match_size(
        bits_at,
        lambda scale: bytes(bits_at(scale) // 8),
        SizeLimits(least=990, wanted=1000, most=1010),
        guess=0.9,
        bits_per_byte=8,
        overhead=0,
    )
    assert len(found.data) in (800, 1200)


@pytest.mark.parametrize("flatness", [0.0, 0.5])
def test_between_two_changes_there_is_one_table_and_at_each_there_are_two(flatness):
    changes = scales_of_changes(0.5, 0.6, flatness)
    middles = np.sqrt(changes[1:] * changes[:-1])
    tables = [tables_of_scale(scale, flatness) for scale in middles]
    assert all((first != second).any() for first, second in itertools.pairwise(tables))
    for low, high, table in zip(changes, changes[1:], tables, strict=False):
        for share in (0.01, 0.99):
            assert (tables_of_scale(low + share * (high - low), flatness) == table).all()
