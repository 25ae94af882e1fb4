"""The part of an image's metadata that a JPEG can carry; the rest is dropped and named, the image is kept.

A TIFF's directory describes its own storage (StripOffsets, BitsPerSample) next to what a photographer wrote;
only the latter goes along. A JPEG holds 64 KiB of EXIF and 255 segments of a colour profile.
"""

import struct
import zlib
from dataclasses import dataclass

from PIL import ExifTags, Image

MOST_EXIF_BYTES = 65_525  # a segment of 65,533 bytes less the identifier and its length
MOST_PROFILE_BYTES = 255 * 65_515
ORIENTATIONS = range(1, 9)
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
"""What Pillow was seen to raise for damaged metadata."""

_DESCRIPTIVE = (
    ExifTags.Base.Orientation,
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
    ExifTags.Base.XResolution,
    ExifTags.Base.YResolution,
    ExifTags.Base.ResolutionUnit,
)
_SUB_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)


@dataclass(frozen=True, kw_only=True)
class ImageMetadata:
    """What goes into the JPEG, and a note for each part that does not."""

    orientation: int  # EXIF's, 1..8
    exif: bytes  # empty where there is none
    notes: tuple[str, ...]


def read_metadata(file: Image.Image) -> ImageMetadata:
    """Returns an opened and loaded image's EXIF as a JPEG can carry it."""
    try:
        exif = file.getexif()
        orientation = int(exif.get(ExifTags.Base.Orientation, 1))
        raw = _descriptive(exif) if file.format == "TIFF" else _stored(file, exif)
    except BROKEN as error:
        note = f"unreadable EXIF was dropped ({_first_line(error)})"
        return ImageMetadata(orientation=1, exif=b"", notes=(note,))
    if orientation not in ORIENTATIONS:
        orientation = 1
    if len(raw.removeprefix(b"Exif\0\0")) > MOST_EXIF_BYTES:
        note = f"EXIF of {len(raw):,} bytes was dropped: a JPEG holds {MOST_EXIF_BYTES:,}"
        return ImageMetadata(orientation=orientation, exif=_only(orientation), notes=(note,))
    return ImageMetadata(orientation=orientation, exif=raw, notes=())


def fitting_profile(profile: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Returns a colour profile and notes; empty where a JPEG can't hold it."""
    if len(profile) <= MOST_PROFILE_BYTES:
        return profile, ()
    return b"", (
        f"a colour profile of {len(profile):,} bytes was dropped: a JPEG holds {MOST_PROFILE_BYTES:,}",
    )


def _stored(file: Image.Image, exif: Image.Exif) -> bytes:
    stored = file.info.get("exif")
    if isinstance(stored, bytes) and stored:
        if not len(exif):
            raise ValueError("no entry can be read")
        return stored
    return exif.tobytes() if len(exif) else b""


def _descriptive(exif: Image.Exif) -> bytes:
    kept = Image.Exif()
    for tag in _DESCRIPTIVE:
        if tag in exif:
            kept[tag] = exif[tag]
    for directory in _SUB_DIRECTORIES:
        inner = exif.get_ifd(directory)
        if inner:
            kept[directory] = dict(inner)
    return kept.tobytes() if len(kept) else b""


def _only(orientation: int) -> bytes:
    """Returns an EXIF that only turns the image, which else would be shown lying."""
    if orientation == 1:
        return b""
    kept = Image.Exif()
    kept[ExifTags.Base.Orientation] = orientation
    return kept.tobytes()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
