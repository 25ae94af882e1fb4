import numpy as np
import pytest
import torch
from PIL import Image, ImageCms, ImageOps

from thesis_workloads.imaging.still_image import as_stored, read_map, read_still


def noise(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_map_of_the_shown_picture_is_turned_back_to_the_stored_one(tmp_path, orientation):
    stored = Image.fromarray(noise(6, 10))
    exif = stored.getexif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    still = read_still(tmp_path / "a.png")
    shown = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.png")))
    assert (np.asarray(still.shown()) == shown).all()
    assert still.shown_size == shown.shape
    assert (as_stored(torch.from_numpy(shown.copy()), orientation).numpy() == noise(6, 10)).all()


def test_exif_and_profile_are_kept(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(noise(8, 8, 3)).save(tmp_path / "a.jpg", exif=exif, icc_profile=profile)
    still = read_still(tmp_path / "a.jpg")
    assert (still.orientation, still.icc_profile) == (3, profile)
    assert still.exif


@pytest.mark.parametrize(
    ("mode", "name", "expected", "note"),
    [
        ("L", "a.png", "L", None),
        ("1", "a.png", "L", None),
        ("P", "a.png", "RGB", None),
        ("RGBA", "a.png", "RGB", "white"),
        ("LA", "a.png", "L", "white"),
        ("CMYK", "a.jpg", "RGB", "CMYK"),
    ],
)
def test_other_kinds_of_pixels_become_what_a_jpeg_holds(tmp_path, mode, name, expected, note):
    Image.fromarray(noise(8, 12, 3)).convert(mode).save(tmp_path / name)
    still = read_still(tmp_path / name)
    assert (still.pixels.mode, still.pixels.size) == (expected, (12, 8))
    assert not still.notes if note is None else note in still.notes[0]


def test_sixteen_bits_are_scaled_to_eight(tmp_path):
    values = np.array([[0, 257, 65535, 30000]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    still = read_still(tmp_path / "a.png")
    assert np.asarray(still.pixels).tolist() == [[0, 1, 255, 117]]
    assert "16-bit" in still.notes[0]


def test_transparent_pixels_become_white(tmp_path):
    Image.new("RGBA", (2, 2), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert read_still(tmp_path / "a.png").pixels.getpixel((0, 0)) == (255, 255, 255)


def test_an_animation_is_refused(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match="2 frames"):
        read_still(tmp_path / "a.gif")


def test_floating_point_pixels_are_refused(tmp_path):
    Image.fromarray(np.ones((4, 4), dtype=np.float32)).save(tmp_path / "a.tiff")
    with pytest.raises(ValueError, match="mode F"):
        read_still(tmp_path / "a.tiff")


@pytest.mark.parametrize(
    ("content", "error"), [(b"", "empty"), (b"a text", "cannot identify"), (None, "truncated")]
)
def test_broken_files_say_what_is_wrong(tmp_path, content, error):
    path = tmp_path / "a.jpg"
    if content is None:
        Image.fromarray(noise(64, 64, 3)).save(path)
        content = path.read_bytes()[:900]
    path.write_bytes(content)
    with pytest.raises((OSError, ValueError), match=error):
        read_still(path)


def test_a_map_of_another_shape_is_refused(tmp_path):
    Image.fromarray(noise(10, 20)).save(tmp_path / "map.png")
    assert read_map(tmp_path / "map.png", height=40, width=80).shape == (10, 20)
    with pytest.raises(ValueError, match="shape"):
        read_map(tmp_path / "map.png", height=80, width=40)
