import io
import shutil
import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.imaging.content_aware import Encoding, encode_content_aware
from thesis_workloads.imaging.jpeg.file import with_metadata
from thesis_workloads.imaging.jpeg.tables import tables_of_scale, zigzag_order


def spot(width, height):
    rows, columns = torch.meshgrid(torch.linspace(-2, 2, height), torch.linspace(-2, 2, width), indexing="ij")
    return torch.exp(-rows.square() - columns.square())


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("rounding", ["jpeg", "keep"])
@pytest.mark.parametrize("quality", [30, 50])
@pytest.mark.parametrize(("width", "height", "mode"), [(256, 192, "RGB"), (131, 77, "RGB"), (160, 160, "L")])
def test_the_file_is_as_large_as_the_plain_one(make_image, width, height, mode, quality, rounding):
    image = make_image(width, height, mode=mode)
    encoded = encode_content_aware(image, spot(width, height), Encoding(quality=quality, rounding=rounding))
    assert encoded.is_matched
    assert abs(len(encoded.data) - len(encoded.plain)) <= 0.01 * len(encoded.plain)


def test_a_size_that_can_t_be_reached_is_said_and_the_nearest_kept(make_image):
    image = make_image(128, 128)
    encoded = encode_content_aware(image, spot(128, 128), Encoding(quality=95, q_low=5, q_high=10))
    assert not encoded.is_matched
    assert encoded.size_ratio < 0.99


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 1), (7, 9), (16, 8), (17, 33)])
def test_tiny_pictures_come_back_in_their_size(width, height, mode):
    image = Image.new(mode, (width, height), 77 if mode == "L" else (200, 30, 90))
    encoded = encode_content_aware(image, torch.rand(height, width), Encoding())
    back = opened(encoded.data)
    assert (back.size, back.mode) == ((width, height), mode)


def test_the_plain_file_is_pillow_s_own_at_that_quality(make_image):
    image, file = make_image(90, 60), io.BytesIO()
    image.save(file, "JPEG", quality=50, subsampling="4:2:0")
    assert encode_content_aware(image, spot(90, 60), Encoding()).plain == file.getvalue()


def test_the_tables_in_the_file_are_those_of_the_scale_and_chroma_is_halved(make_image):
    encoded = encode_content_aware(make_image(128, 128), spot(128, 128), Encoding())
    back = opened(encoded.data)
    written = np.array([back.quantization[0], back.quantization[1]])[:, zigzag_order()]
    assert (written == tables_of_scale(encoded.scale)).all()
    assert back.layer[0][1:3] == (2, 2)
    assert not back.info.get("progressive")


def test_the_salient_part_is_nearer_to_the_picture_and_the_rest_further_away(make_image):
    image = make_image(256, 256)
    encoded = encode_content_aware(image, spot(256, 256), Encoding(rounding="keep"))
    true, ours, plain = (
        np.asarray(each, dtype=float) for each in (image, opened(encoded.data), opened(encoded.plain))
    )
    salient = spot(256, 256).numpy() > 0.5
    assert np.square(ours - true)[salient].mean() < np.square(plain - true)[salient].mean()
    assert np.square(ours - true)[~salient].mean() > np.square(plain - true)[~salient].mean()


def test_without_levels_to_choose_from_the_file_is_nearly_the_plain_one(make_image):
    image = make_image(128, 128)
    encoded = encode_content_aware(image, spot(128, 128), Encoding(num_levels=1, q_low=100, q_high=100))
    assert encoded.final_quality == pytest.approx(50, abs=2)


def test_metadata_is_read_back_as_it_was_given(make_image):
    data = encode_content_aware(make_image(40, 30), spot(40, 30), Encoding()).data
    exif, profile = Image.Exif(), np.random.default_rng(0).bytes(150_000)
    exif[0x0112] = 6
    back = opened(with_metadata(data, exif=exif.tobytes(), icc_profile=profile))
    assert back.getexif()[0x0112] == 6
    assert back.info["icc_profile"] == profile
    assert (np.asarray(back) == np.asarray(opened(data))).all()


def test_an_image_that_is_neither_rgb_nor_grey_is_refused():
    with pytest.raises(ValueError, match="RGB or L"):
        encode_content_aware(Image.new("RGBA", (8, 8)), torch.zeros(8, 8), Encoding())


@pytest.mark.parity
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_djpeg_decodes_to_what_pillow_decodes_to(make_image, mode, tmp_path):
    program = shutil.which("djpeg")
    assert program, "needs djpeg of libjpeg-turbo (Debian: libjpeg-turbo-progs)"
    data = encode_content_aware(make_image(133, 71, mode=mode), spot(133, 71), Encoding()).data
    (tmp_path / "a.jpg").write_bytes(data)
    done = subprocess.run([program, "-pnm", str(tmp_path / "a.jpg")], capture_output=True, check=True)
    assert done.stderr == b""
    theirs = np.asarray(opened(done.stdout), dtype=int)
    assert np.abs(theirs - np.asarray(opened(data), dtype=int)).max() <= 1
