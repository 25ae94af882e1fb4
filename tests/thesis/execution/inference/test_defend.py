from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thesis.execution.inference.defend import LOSSLESS, defend_files
from thesis.execution.storage.image_files import planned_files
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.images.photographs import SUFFIXES
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

UNGUIDED = PixelDeflectionConfig(use_rcam=False, num_deflections=50)


def planned(source, target):
    return planned_files(source, target, suffix=LOSSLESS, read=SUFFIXES, written=SUFFIXES)


def noise(path, size=(40, 24)):
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(values).save(path)
    return path


def test_a_folder_is_defended_image_by_image_and_bad_files_are_named(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    noise(source / "good.png")
    (source / "bad.jpg").write_bytes(b"no image")
    done = list(defend_files(UNGUIDED, None, planned(source, tmp_path / "out")))
    assert [(each.source.name, each.error is None) for each in done] == [
        ("bad.jpg", False),
        ("good.png", True),
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.png"]


def test_the_size_stays_and_only_some_pixels_move_without_a_denoiser(tmp_path):
    source = noise(tmp_path / "a.png")
    config = PixelDeflectionConfig(use_rcam=False, num_deflections=50, denoisers="")
    list(defend_files(config, None, [(source, tmp_path / "b.png")]))
    before, after = (np.array(Image.open(tmp_path / name)) for name in ("a.png", "b.png"))
    moved = (before != after).any(2).sum()
    assert before.shape == after.shape
    assert 30 <= moved <= 50


def test_the_same_name_and_seed_give_the_same_image_wherever_it_lies(tmp_path):
    (tmp_path / "other").mkdir()
    first, second = noise(tmp_path / "a.png"), noise(tmp_path / "other" / "a.png")
    list(defend_files(UNGUIDED, None, [(first, tmp_path / "1.png"), (second, tmp_path / "2.png")]))
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    source, target = noise(tmp_path / "a.png"), tmp_path / "out" / "b.png"
    target.parent.mkdir()
    target.write_bytes(b"old")

    def full(temporary, final):
        assert Path(temporary).stat().st_size > 0
        raise OSError("no space left on device")

    monkeypatch.setattr("thesis.files.os.replace", full)
    (done,) = defend_files(UNGUIDED, None, [(source, target)])
    assert "no space left" in done.error
    assert [path.name for path in target.parent.iterdir()] == ["b.png"]
    assert target.read_bytes() == b"old"


def test_images_that_differ_in_their_suffix_alone_do_not_overwrite_each_other(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for name in ("a.png", "a.bmp", "c.png"):
        noise(source / name)
    targets = [target.name for _, target in planned(source, tmp_path / "out")]
    assert targets == ["a.bmp.png", "a.png.png", "c.png"]


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("nothing.png", "out.png", "there is no image or folder"),
        ("a.png", "out.txt", "the output must end in"),
        ("empty", "out", "there is no image"),
        ("empty", "a.png", "must be one too"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_read(tmp_path, source, target, message):
    noise(tmp_path / "a.png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=message):
        planned(tmp_path / source, tmp_path / target)
