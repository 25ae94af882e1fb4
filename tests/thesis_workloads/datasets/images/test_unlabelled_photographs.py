import numpy as np
import pytest
from PIL import Image

from thesis_workloads.datasets.images.photographs import UNLABELLED
from thesis_workloads.datasets.images.unlabelled_photographs import (
    ROWS,
    debian_photographs,
    folder_photographs,
    is_flat,
    unlabelled_squares,
)


@pytest.fixture
def folder(tmp_path):
    generator = np.random.default_rng(0)
    (tmp_path / "photos" / "trip").mkdir(parents=True)
    noise = generator.integers(0, 256, (90, 160, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photos" / "trip" / "a.png")
    drawing = np.zeros((90, 90, 3), dtype=np.uint8)
    drawing[:30, :30] = noise[:30, :30]
    Image.fromarray(drawing).save(tmp_path / "photos" / "b.png")
    return tmp_path / "photos"


def squares(folder, tmp_path):
    return unlabelled_squares(folder_photographs(folder), root=folder, cache=tmp_path / "cache")


def test_squares_do_not_overlap_and_flat_ones_are_left_out(folder, tmp_path):
    found = squares(folder, tmp_path)
    places = [each.id for each in found]
    assert places == [
        "b.png#0-0",
        *(f"trip/a.png#{row}-{column}" for row in range(ROWS) for column in range(5)),
    ]
    whole = np.asarray(Image.open(folder / "trip" / "a.png"))
    for each in found[1:]:
        row, column = (int(part) for part in each.path.stem.split("-"))
        expected = whole[30 * row : 30 * row + 30, 30 * column : 30 * column + 30]
        np.testing.assert_array_equal(np.asarray(Image.open(each.path)), expected)


def test_nobody_says_what_they_show(folder, tmp_path):
    assert {each.label for each in squares(folder, tmp_path)} == {UNLABELLED}


def test_squares_are_cut_once(folder, tmp_path):
    first = {each.id: each.path.stat().st_mtime_ns for each in squares(folder, tmp_path)}
    assert {each.id: each.path.stat().st_mtime_ns for each in squares(folder, tmp_path)} == first


def test_an_empty_sky_is_flat_and_noise_is_not():
    assert is_flat(Image.new("RGB", (50, 50), (10, 20, 30)))
    noise = np.random.default_rng(1).integers(0, 256, (50, 50, 3), dtype=np.uint8)
    assert not is_flat(Image.fromarray(noise))


def test_a_wallpaper_in_several_sizes_is_one_photograph(tmp_path, monkeypatch):
    images = tmp_path / "Path" / "contents" / "images"
    images.mkdir(parents=True)
    for width in (64, 128):
        pixels = np.random.default_rng(0).integers(0, 256, (width // 2, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(images / f"{width}x{width // 2}.jpg")
    place = "thesis_workloads.datasets.images.unlabelled_photographs._DEBIAN"
    monkeypatch.setattr(place, ((str(tmp_path), "*/contents/images/*.jpg"),))
    assert [path.name for path in debian_photographs()] == ["128x64.jpg"]


def test_the_packages_are_named_where_none_is_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "thesis_workloads.datasets.images.unlabelled_photographs._DEBIAN", ((str(tmp_path), "*.jpg"),)
    )
    with pytest.raises(FileNotFoundError, match="mate-backgrounds"):
        debian_photographs()
