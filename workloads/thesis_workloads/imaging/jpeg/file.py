"""A baseline JPEG as bytes, with tables of any scale, 4:2:0: of pixels by libjpeg-turbo, or of coefficients.

Standard Huffman tables, no restart markers, no progression: what every decoder reads.
"""

import io
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from thesis_workloads.imaging.jpeg.mosaic import Coefficients
from thesis_workloads.imaging.jpeg.scan import scan_bytes
from thesis_workloads.imaging.jpeg.tables import CHROMA, LUMA, tables_of_scale, zigzag_order

SUBSAMPLING = "4:2:0"
LONGEST_SIDE = 65_500  # that libjpeg writes
_FRAME, _SCAN, _END = b"\xff\xc0", b"\xff\xda", b"\xff\xd9"
_MOST_IN_SEGMENT = 65_533
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"


def encode_jpeg(image: Image.Image, scale: float, flatness: float = 0.0) -> bytes:
    """Returns the JPEG of an image of mode RGB, YCbCr or L, quantised by the base tables times ``scale``.

    Raises:
        ValueError: if a side is too long for the format.
    """
    _check_sides(*image.size)
    tables = tables_of_scale(scale, flatness)[:, np.argsort(zigzag_order())]
    kinds = (LUMA,) if image.mode == "L" else (LUMA, CHROMA)
    file = io.BytesIO()
    # A grey image has nothing to subsample; Pillow would write the option into its one component.
    settings = {} if image.mode == "L" else {"subsampling": SUBSAMPLING}
    image.save(file, "JPEG", qtables=[tables[kind].tolist() for kind in kinds], **settings)
    return file.getvalue()


def assemble_jpeg(parts: Sequence[Coefficients], scale: float, *, width: int, height: int) -> bytes:
    """Returns the JPEG of coefficients, quantised by the base tables times ``scale``.

    Raises:
        ValueError: if a side is too long for the format.
    """
    _check_sides(width, height)
    mode = "L" if parts[0].num_planes == 1 else "RGB"
    head = bytearray(_head(mode, scale, parts[0].flatness))
    frame = next(start for marker, start, _ in _segments(head) if marker == _FRAME)
    head[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(head) + scan_bytes(parts, scale) + _END


def _head(mode: str, scale: float, flatness: float) -> bytes:
    """Returns everything before the entropy-coded part, of a picture of a single macroblock."""
    data = encode_jpeg(Image.new(mode, (16, 16)), scale, flatness)
    return data[: next(end for marker, _, end in _segments(data) if marker == _SCAN)]


def header_bytes(data: bytes) -> int:
    """Returns the bytes of a JPEG before its first entropy-coded part."""
    return next(end for marker, _, end in _segments(data) if marker == _SCAN)


def scan_bits(data: bytes) -> int:
    """Returns the bits of a JPEG's entropy-coded part, without the zeros stuffed after every 0xFF."""
    start = header_bytes(data)
    return 8 * (len(data) - len(_END) - start - data.count(b"\xff\x00", start))


def with_metadata(data: bytes, *, exif: bytes = b"", icc_profile: bytes = b"") -> bytes:
    """Returns the JPEG with EXIF and a colour profile put behind its first segment.

    Raises:
        ValueError: if the EXIF is too long for a JPEG.
    """
    body = exif.removeprefix(_EXIF)
    if len(body) + len(_EXIF) + 2 > _MOST_IN_SEGMENT:
        raise ValueError(f"EXIF must be under 64 KiB to fit a JPEG, got {len(body)} bytes")
    added = _segment(b"\xff\xe1", _EXIF + body) if body else b""
    size = _MOST_IN_SEGMENT - len(_ICC) - 4
    parts = [icc_profile[at : at + size] for at in range(0, len(icc_profile), size)]
    for number, part in enumerate(parts, start=1):
        added += _segment(b"\xff\xe2", _ICC + bytes((number, len(parts))) + part)
    first = next(end for _, _, end in _segments(data))
    return data[:first] + added + data[first:]


def _check_sides(width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE:
        raise ValueError(f"a JPEG's sides must be {LONGEST_SIDE} pixels at most, got {(width, height)}")


def _segment(marker: bytes, content: bytes) -> bytes:
    return marker + (len(content) + 2).to_bytes(2, "big") + content


def _segments(data: bytes | bytearray) -> Iterator[tuple[bytes, int, int]]:
    """Yields marker, start and end of each segment from the first up to the scan's header."""
    at = 2
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield bytes(data[at : at + 2]), at, end
        if data[at : at + 2] == _SCAN:
            return
        at = end
