"""Files of pictures with bytes changed, cut out and put in: a picture comes of it, or one kind of error."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_inputs import many_inputs
from PIL import Image

from thesis_workloads.imaging.image_file import UnreadableImage
from thesis_workloads.imaging.jpeg.file import encode_jpeg, with_metadata
from thesis_workloads.imaging.png_chunks import without_metadata
from thesis_workloads.imaging.still_image import read_still


def image(kind, mode="RGB", **settings):
    pixels = np.random.default_rng(0).integers(0, 255, (12, 9, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, kind, **settings)
    return file.getvalue()


EXIF = Image.Exif()
EXIF[0x0112], EXIF[0x013B] = 6, "A. Nobody"
SEEDS = {
    "png": image("PNG", exif=EXIF),
    "palette": image("PNG", "P"),
    "jpeg": image("JPEG", exif=EXIF),
    "cmyk": image("JPEG", "CMYK", icc_profile=b"p" * 200),
    "tiff": image("TIFF", exif=EXIF, compression="tiff_deflate"),
    "webp": image("WEBP", "RGBA"),
    "gif": image("GIF"),
    "bmp": image("BMP"),
}

edits = st.lists(
    st.tuples(st.sampled_from(("set", "cut", "put")), st.floats(0, 1), st.binary(min_size=1, max_size=6)),
    min_size=1,
    max_size=6,
)


def edited(content, changes):
    """Returns the bytes with each change made at a place given as a share of the length."""
    data = bytearray(content)
    for kind, share, new in changes:
        at = int(share * len(data))
        if kind == "set":
            data[at : at + len(new)] = new
        elif kind == "cut":
            del data[at : at + 3 * len(new)]
        else:
            data[at:at] = new
    return bytes(data)


@pytest.mark.parametrize("kind", SEEDS)
@many_inputs
@given(changes=edits)
def test_a_damaged_picture_is_read_or_refused_in_one_line(kind, changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(edited(SEEDS[kind], changes))
        try:
            still = read_still(path)
        except UnreadableImage as error:
            assert str(error)
            assert "\n" not in str(error)
            return
    assert still.pixels.mode in ("RGB", "L")
    data = with_metadata(encode_jpeg(still.pixels, 1.0), exif=still.exif, icc_profile=still.icc_profile)
    with Image.open(io.BytesIO(data)) as written:
        assert written.size == still.pixels.size


@many_inputs
@given(content=st.binary(max_size=200))
def test_dropping_metadata_takes_any_bytes(content):
    kept, dropped = without_metadata(b"\x89PNG\r\n\x1a\n" + content)
    assert len(kept) <= len(content) + 8
    assert bool(dropped) == (len(kept) < len(content) + 8)
