import numpy as np
import pytest
from PIL import Image

from thesis.cli.compress import bytes_of_size
from thesis.execution.inference.compress import READ, WRITTEN, compress_files, compress_on_ray
from thesis.execution.inference.saliency import centre_map
from thesis.execution.storage.image_files import planned_files
from thesis_workloads.contract.errors import UserError
from thesis_workloads.imaging.content_aware import Encoding


def noise(path, size=(48, 40), **settings):
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(values).save(path, **settings)
    return path


def spot(path, size=(48, 40)):
    values = np.zeros((size[1], size[0]), dtype=np.uint8)
    values[8:24, 8:24] = 255
    Image.fromarray(values).save(path)
    return path


def planned(source, target):
    return planned_files(source, target, suffix=".jpg", read=READ, written=WRITTEN)


def test_one_bad_file_among_many_is_named_and_the_others_are_written(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    noise(source / "good.png")
    noise(source / "cut.jpg").write_bytes((source / "cut.jpg").read_bytes()[:500])
    (source / "empty.jpg").write_bytes(b"")
    (source / "text.jpg").write_text("text")
    done = list(
        compress_files(
            Encoding(), None, spot(tmp_path / "map.png"), planned(source, tmp_path / "out"), measure=False
        )
    )
    assert {each.source.name: each.error is None for each in done} == {
        "cut.jpg": False,
        "empty.jpg": False,
        "good.png": True,
        "text.jpg": False,
    }
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.jpg"]


def test_a_turned_picture_keeps_its_tag_and_its_map_is_turned_with_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown a quarter turn clockwise
    source = noise(tmp_path / "a.jpg", size=(48, 80), exif=exif)
    marked = spot(tmp_path / "map.png", size=(80, 48))  # upper left of the picture as shown
    (done,) = compress_files(Encoding(), None, marked, [(source, tmp_path / "b.jpg")], measure=True)
    assert done.error is None
    assert Image.open(tmp_path / "b.jpg").getexif()[0x0112] == 6
    assert Image.open(tmp_path / "b.jpg").size == (48, 80)
    assert done.numbers["quality/salient"] > done.numbers["quality/background"]


def test_a_map_of_another_shape_is_named(tmp_path):
    source, wrong = noise(tmp_path / "a.png"), spot(tmp_path / "map.png", size=(48, 90))
    (done,) = compress_files(Encoding(), None, wrong, [(source, tmp_path / "b.jpg")], measure=False)
    assert "map.png" in done.error
    assert not (tmp_path / "b.jpg").exists()


def test_a_target_that_can_t_be_written_is_named_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("no folder")
    source = noise(tmp_path / "a.png")
    (done,) = compress_files(
        Encoding(), None, spot(tmp_path / "map.png"), [(source, tmp_path / "file" / "b.jpg")], measure=False
    )
    assert done.error is not None
    assert (tmp_path / "file").read_text() == "no folder"


@pytest.mark.parametrize(
    ("source", "target"), [("a.jpg", "a.jpg"), ("a.jpg", "b.png"), ("missing.jpg", "b.jpg")]
)
def test_a_plan_that_would_lose_or_find_nothing_is_refused(tmp_path, source, target):
    noise(tmp_path / "a.jpg")
    with pytest.raises(UserError):
        planned(tmp_path / source, tmp_path / target)


def test_the_bytes_of_each_level_in_the_report_add_up_to_the_written_file(tmp_path):
    source, target = noise(tmp_path / "a.png"), tmp_path / "b.jpg"
    (done,) = compress_files(Encoding(), None, spot(tmp_path / "map.png"), [(source, target)], measure=True)
    of_levels = sum(value for key, value in done.numbers.items() if key.startswith("level_bytes/"))
    data = target.read_bytes()
    scan = data[data.index(b"\xff\xda") + 2 :]
    scan = scan[int.from_bytes(scan[:2], "big") : -2]
    assert 0 <= len(scan.replace(b"\xff\x00", b"\xff")) - of_levels < 1
    assert sum(value for key, value in done.numbers.items() if key.startswith("level_blocks/")) == 9 * 6


def test_a_target_size_counts_exif_and_profile(tmp_path):
    exif, profile = Image.Exif(), np.random.default_rng(1).bytes(2_000)
    exif[0x010F] = "x" * 500
    source = noise(tmp_path / "a.jpg", size=(120, 90), exif=exif, icc_profile=profile)
    target, settings = tmp_path / "b.jpg", Encoding(rounding="keep", coding="optimal", target_size=7_000)
    (done,) = compress_files(settings, centre_map, None, [(source, target)], measure=False)
    assert done.error is None
    assert 6_800 <= target.stat().st_size <= 7_000
    assert Image.open(target).info["icc_profile"] == profile
    small = Encoding(rounding="keep", coding="optimal", target_size=1_000)
    (refused,) = compress_files(small, centre_map, None, [(source, tmp_path / "c.jpg")], measure=False)
    assert "--target-size" in refused.error
    assert not (tmp_path / "c.jpg").exists()


def test_a_loss_that_can_t_be_kept_to_is_noted(tmp_path):
    source, settings = noise(tmp_path / "a.png"), Encoding(rounding="rate-distortion", coding="optimal")
    files = [(source, tmp_path / "b.jpg")]
    (done,) = compress_files(settings, centre_map, None, files, measure=False, max_loss=0.0)
    assert done.error is None
    assert done.numbers["background_loss"] <= 0 or any("background" in note for note in done.notes)


def test_the_centred_map_is_one_in_the_middle_and_falls_to_every_side():
    saliency = centre_map(Image.new("RGB", (65, 33)))
    assert saliency.shape == (33, 65)
    assert saliency[16, 32] == pytest.approx(1)
    assert saliency.max() == saliency[16, 32]
    assert (saliency.flip(0, 1) - saliency).abs().max() < 1e-6
    assert saliency[0, 0] < 0.01


@pytest.mark.parametrize(
    ("text", "size"),
    [("60kB", 60_000), ("1.5 MB", 1_500_000), ("64KiB", 65_536), ("900", 900), ("8k", 8_000)],
)
def test_a_size_in_words_is_read(text, size):
    assert bytes_of_size(text) == size


@pytest.mark.parametrize("text", ["", "kB", "-5kB", "60 apples", "0", "5iB"])
def test_what_is_no_size_is_named(text):
    with pytest.raises(UserError, match="--target-size"):
        bytes_of_size(text)


@pytest.mark.ray
def test_on_ray_a_bad_file_among_many_loses_itself_alone(ray_session, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for number in range(11):
        noise(source / f"{number:02}.png")
    (source / "05.png").write_bytes(b"no image")
    files = planned(source, tmp_path / "out")
    done = list(compress_on_ray(Encoding(), spot(tmp_path / "map.png"), files, measure=False, workers=2))
    assert sorted(each.source.name for each in done) == [f"{number:02}.png" for number in range(11)]
    assert [each.source.name for each in done if each.error is not None] == ["05.png"]
    assert len(list((tmp_path / "out").iterdir())) == 10
