"""Pictures from public bug reports: each is kept with a note of what was changed, or refused in one line."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.images.photographs import imagenet_folder, read_photograph
from thesis_workloads.datasets.images.streamed_images import StreamedImages
from thesis_workloads.datasets.readers.image_folder import read_image_folder
from thesis_workloads.datasets.vqa.image_references import open_reference
from thesis_workloads.imaging.image_file import UnreadableImage, list_images, printable_name
from thesis_workloads.imaging.jpeg.file import encode_jpeg, with_metadata
from thesis_workloads.imaging.still_image import read_still, read_upright


def noise(*shape):
    return np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks):
    file = io.BytesIO()
    Image.fromarray(noise(8, 8, 3)).save(file, "PNG")
    content = file.getvalue()
    return content[:33] + b"".join(chunks) + content[33:]  # behind the signature and IHDR


def half_grey(path):
    Image.fromarray(np.full((16, 16), 32768, dtype=np.uint16)).save(path)
    return path


@pytest.mark.parametrize(
    "read",
    [
        lambda path: float(np.asarray(read_upright(path)[0]).mean()) / 255,
        lambda path: float(np.asarray(open_reference(str(path))).mean()) / 255,
        lambda path: float(read_photograph(path, size=8).mean()),
        lambda path: (
            float(StreamedImages([path], size=8, num_loaders=0)[:].mean(dim=(0, 2, 3))[1]) * 0.224 + 0.456
        ),
    ],
    ids=["defend", "ask", "evaluate", "train"],
)
def test_every_reader_scales_sixteen_bits(tmp_path, read):
    assert read(half_grey(tmp_path / "a.png")) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff"])
def test_no_reader_takes_the_first_frame_of_several(tmp_path, name):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    for read in (
        read_upright,
        lambda path: open_reference(str(path)),
        lambda path: read_photograph(path, size=8),
    ):
        with pytest.raises(ValueError, match="2 frames or pages"):
            read(tmp_path / name)


def test_a_colour_hidden_under_alpha_does_not_appear(tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    image, notes = read_upright(tmp_path / "a.png")
    assert image.getpixel((0, 0)) == (255, 255, 255)
    assert "transparent" in notes[0]


def test_a_tiffs_own_tags_do_not_go_along_and_the_photographers_do(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Artist], exif[ExifTags.Base.Orientation] = "A. Nobody", 6
    Image.fromarray(noise(8, 6, 3)).save(tmp_path / "a.tiff", exif=exif)
    still = read_still(tmp_path / "a.tiff")
    kept = Image.Exif()
    kept.load(still.exif)
    assert dict(kept) == {ExifTags.Base.Artist: "A. Nobody"}
    assert (still.orientation, still.pixels.size) == (1, (8, 6))  # the library turns a TIFF when it loads it


def test_too_large_exif_is_dropped_and_named_but_still_turns_the_picture(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.ImageDescription] = 6, "x" * 70_000
    Image.fromarray(noise(8, 8, 3)).save(tmp_path / "a.png", exif=exif)
    still = read_still(tmp_path / "a.png")
    assert "EXIF of 70," in still.notes[0]
    data = with_metadata(encode_jpeg(still.pixels, 1.0), exif=still.exif, icc_profile=still.icc_profile)
    assert Image.open(io.BytesIO(data)).getexif()[ExifTags.Base.Orientation] == 6


def test_a_profile_of_more_than_a_jpeg_holds_is_dropped_and_named(tmp_path):
    Image.fromarray(noise(8, 8, 3)).save(tmp_path / "a.tiff", icc_profile=b"p" * 17_000_000)
    still = read_still(tmp_path / "a.tiff")
    assert still.icc_profile == b""
    assert "colour profile of 17,000,000 bytes was dropped" in still.notes[0]


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (chunk(b"eXIf", b"MM\0*\0\0\xff\xff" + b"\xff" * 9), "EXIF"),
        (chunk(b"eXIf", b"no exif"), "EXIF"),
        (chunk(b"iCCP", b"p\0\0" + zlib.compress(b"0" * 70_000_000, 9)), "iCCP"),
        (chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"0" * 3_000_000)), "zTXt"),
        (b"\0\0\0\1tEXta\0\0\0\0", "tEXt"),
    ],
    ids=["broken EXIF", "no EXIF", "huge profile", "3 MB of text", "wrong CRC"],
)
def test_unreadable_metadata_of_a_png_is_dropped_and_named_and_the_picture_kept(tmp_path, bad, named):
    (tmp_path / "a.png").write_bytes(png_with(bad))
    still = read_still(tmp_path / "a.png")
    assert (np.asarray(still.pixels) == noise(8, 8, 3)).all()
    assert any(named in note for note in still.notes)


def test_text_behind_the_pixels_is_no_trouble_either(tmp_path):
    content = png_with()
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"0" * 3_000_000))
    (tmp_path / "a.png").write_bytes(content[:-12] + text + content[-12:])
    assert "zTXt" in read_still(tmp_path / "a.png").notes[0]


def test_an_unusable_cmyk_profile_is_named_in_our_words(tmp_path):
    Image.fromarray(noise(8, 8, 3)).convert("CMYK").save(tmp_path / "a.jpg", icc_profile=b"no profile")
    still = read_still(tmp_path / "a.jpg")
    assert still.notes == ("the CMYK profile can't be used, CMYK became RGB by the plain rule",)
    assert (still.pixels.mode, still.icc_profile) == ("RGB", b"")


def test_folders_named_like_pictures_and_hidden_files_are_no_pictures(tmp_path):
    (tmp_path / "album.jpg").mkdir()
    for name in ("a.jpg", "album.jpg/b.JPG", ".ipynb_checkpoints/a.jpg", "._a.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in list_images(tmp_path, (".jpg",))]
    assert found == ["a.jpg", "album.jpg/b.JPG"]


def class_folders(root, *names):
    for part in ("train", "val"):
        for name in names:
            (root / part / name).mkdir(parents=True)
            for number in range(3):
                Image.fromarray(noise(8, 8, 3)).save(root / part / name / f"{number}.png")
    return root


def read_folder(root):
    return read_image_folder(root, name="x", size=8, num_train=0, num_val=2, num_loaders=0, split_seed=0)


def test_a_hidden_folder_among_class_folders_is_no_class(tmp_path):
    root = class_folders(tmp_path, "0", "1")
    (root / "train" / ".ipynb_checkpoints").mkdir()
    assert read_folder(root).num_classes == 2
    assert {each.label for each in imagenet_folder(root / "train")} == {0, 1}


def test_training_names_the_file_that_it_cannot_read(tmp_path):
    root = class_folders(tmp_path, "0", "1")
    (root / "val" / "1" / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(DatasetDamaged, match=r"val/1/2\.png can't be read as an image"):
        read_folder(root).test.images[:]


def test_a_name_that_is_not_utf8_is_printable(tmp_path):
    assert printable_name(os.fsdecode(b"caf\xe9.png")) == r"caf\xe9.png"


def test_a_picture_a_thousand_times_as_wide_as_high_is_refused_by_its_sides(tmp_path):
    Image.new("RGB", (300_000, 1)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="sides must be less unequal, got 300000 x 1"):
        read_photograph(tmp_path / "a.png", size=224)


def test_what_is_no_picture_is_said_without_pythons_words(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"<html>")
    with pytest.raises(UnreadableImage, match=r"^cannot identify image file: no format that can be read$"):
        read_still(tmp_path / "a.jpg")


def test_text_that_can_be_read_is_no_reason_for_a_note(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "hello")
    Image.fromarray(noise(8, 8, 3)).save(tmp_path / "a.png", pnginfo=text)
    assert read_still(tmp_path / "a.png").notes == ()
