import io
import shutil
import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.imaging.content_aware import Encoding, encode_content_aware
from thesis_workloads.imaging.jpeg.file import with_metadata
from thesis_workloads.imaging.jpeg.optimal_coding import code_optimally, recode
from thesis_workloads.imaging.quality_loss import background_loss, encode_within_loss

ROUNDINGS = ["jpeg", "keep", "rate-distortion"]


def spot(width, height):
    rows, columns = torch.meshgrid(torch.linspace(-2, 2, height), torch.linspace(-2, 2, width), indexing="ij")
    return torch.exp(-rows.square() - columns.square())


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_both_codings_decode_to_the_same_pixels_and_the_optimal_one_is_smaller(make_image, mode, rounding):
    data = encode_content_aware(
        make_image(201, 133, mode=mode), spot(201, 133), Encoding(rounding=rounding)
    ).data
    smaller = code_optimally(data)
    assert len(smaller) < len(data)
    assert opened(smaller).info.get("progressive")
    assert (np.asarray(opened(smaller)) == np.asarray(opened(data))).all()


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_sizes_are_matched_after_optimal_coding_of_both_files(make_image, rounding):
    settings = Encoding(rounding=rounding, coding="optimal")
    encoded = encode_content_aware(make_image(256, 192), spot(256, 192), settings)
    assert encoded.is_matched
    assert abs(len(encoded.data) - len(encoded.plain)) <= 0.01 * len(encoded.plain)
    assert code_optimally(encoded.plain) == encoded.plain


def test_metadata_is_kept_behind_optimal_coding(make_image):
    data = encode_content_aware(make_image(80, 60), spot(80, 60), Encoding(coding="optimal")).data
    exif, profile = Image.Exif(), np.random.default_rng(0).bytes(150_000)
    exif[0x0112] = 6
    back = opened(with_metadata(data, exif=exif.tobytes(), icc_profile=profile))
    assert back.getexif()[0x0112] == 6
    assert back.info["icc_profile"] == profile


def test_an_unknown_coding_is_refused():
    with pytest.raises(ValueError, match="coding must be one of"):
        recode(b"", "arithmetic")


@pytest.mark.parametrize("target_size", [3_000, 6_000])
def test_a_file_of_a_given_size_is_no_larger_and_at_most_2_percent_smaller(make_image, target_size):
    for rounding in ("keep", "rate-distortion"):
        settings = Encoding(rounding=rounding, coding="optimal", target_size=target_size)
        encoded = encode_content_aware(make_image(256, 192), spot(256, 192), settings)
        assert encoded.is_matched
        assert 0.98 * target_size <= len(encoded.data) <= target_size


def test_rate_distortion_is_nearer_to_the_picture_where_the_map_is_high_than_keep_is(make_image):
    image, salient = make_image(256, 256), spot(256, 256).numpy() > 0.5
    true = np.asarray(image, dtype=float)
    errors = {}
    for rounding in ("keep", "rate-distortion"):
        data = encode_content_aware(image, spot(256, 256), Encoding(rounding=rounding, coding="optimal")).data
        errors[rounding] = np.square(np.asarray(opened(data), dtype=float) - true)[salient].mean()
    assert errors["rate-distortion"] < 0.9 * errors["keep"]


def test_the_background_loses_no_more_than_is_allowed(make_image):
    image, saliency = make_image(256, 192), spot(256, 192)
    settings = Encoding(rounding="rate-distortion", coding="optimal")
    free = background_loss(image, encode_content_aware(image, saliency, settings), saliency)
    bound = encode_within_loss(image, saliency, settings, max_loss=free - 0.5)
    assert background_loss(image, bound, saliency) <= free - 0.5
    with pytest.raises(ValueError, match="rate-distortion"):
        encode_within_loss(image, saliency, Encoding(rounding="keep"), max_loss=1.0)


@pytest.mark.parity
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("coding", ["baseline", "optimal"])
def test_djpeg_decodes_rate_distortion_to_what_pillow_decodes_to(make_image, mode, coding, tmp_path):
    program = shutil.which("djpeg")
    assert program, "needs djpeg of libjpeg-turbo (Debian: libjpeg-turbo-progs)"
    settings = Encoding(rounding="rate-distortion", coding=coding)
    data = encode_content_aware(make_image(133, 71, mode=mode), spot(133, 71), settings).data
    (tmp_path / "a.jpg").write_bytes(data)
    done = subprocess.run([program, "-pnm", str(tmp_path / "a.jpg")], capture_output=True, check=True)
    assert done.stderr == b""
    assert np.abs(np.asarray(opened(done.stdout), dtype=int) - np.asarray(opened(data), dtype=int)).max() <= 1
