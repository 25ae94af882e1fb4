"""Names of a folder of images: each image has one output of its own, whatever its name is."""

import os

import numpy as np
import pytest
from PIL import Image

from thesis.execution.inference.compress import compress_files
from thesis.execution.inference.defend import defend_files
from thesis.execution.storage.image_files import file_lines, planned_files
from thesis_workloads.imaging.content_aware import Encoding
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

UNGUIDED = PixelDeflectionConfig(use_rcam=False)


def noise(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(path, "PNG")
    return path


def planned(source, target, suffix=".jpg"):
    return planned_files(source, target, suffix=suffix, read=(".jpg", ".png"), written=(".jpg", ".png"))


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize(
    "names",
    [
        ("a.jpg", "a.png", "a.jpg.png"),
        ("a.jpg", "a.png", "a.jpg.jpg", "a.jpg.jpg.png", "a.png.png"),
        ("A.jpg", "a.png", "a.jpg"),
    ],
)
def test_no_two_images_have_one_output(tmp_path, names, suffix):
    for name in names:
        noise(tmp_path / "in" / name)
    targets = [target for _, target in planned(tmp_path / "in", tmp_path / "out", suffix)]
    assert len(set(targets)) == len(names)


def test_a_name_that_is_not_utf8_stops_nothing(tmp_path):
    noise(tmp_path / "in" / os.fsdecode(b"caf\xe9.png"))
    noise(tmp_path / "in" / "b.png")
    defended = list(defend_files(UNGUIDED, None, planned(tmp_path / "in", tmp_path / "out", ".png")))
    assert [each.error for each in defended] == [None, None]
    files = planned(tmp_path / "in", tmp_path / "jpeg")
    grey = noise(tmp_path / "map.png")
    compressed = list(compress_files(Encoding(), None, grey, files, measure=False))
    assert [each.error for each in compressed] == [None, None]
    assert os.fsencode(tmp_path / "jpeg") + b"/caf\xe9.jpg" in [os.fsencode(t) for _, t in files]
    assert file_lines(defended[1].source, "bad", ())[0].endswith(r"caf\xe9.png: bad")


def test_what_was_changed_to_read_an_image_is_said(tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    (done,) = defend_files(UNGUIDED, None, [(tmp_path / "a.png", tmp_path / "b.png")])
    assert done.notes == ("transparent parts became white",)
