"""A file as the still picture that a JPEG can hold: 8-bit RGB or grey, as it is stored, with its metadata.

Pixels stay in the order of the file; the EXIF tag that turns them goes along. A map is made for the picture as
it is shown, so `as_stored` turns it back. What a JPEG has no room for is put in its nearest form and noted
(alpha, palettes, CMYK, 16 bits), or refused (animations, pages, 32-bit values).
"""

import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms
from torch import Tensor

from thesis_workloads.imaging.image_file import UnreadableImage, decode_image
from thesis_workloads.imaging.image_metadata import fitting_profile, read_metadata

_STILL_DESPITE_FRAMES = ("MPO",)  # a camera's JPEG with a second view or a preview behind it
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")
_REFUSED = ("I", "F", "LAB", "HSV")
# EXIF orientation -> (turn a quarter: rows become columns, flip rows, flip columns), from shown to stored.
_BACK = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


@dataclass(frozen=True, kw_only=True)
class StillImage:
    """A picture and what belongs to it."""

    pixels: Image.Image  # RGB or L, as stored
    orientation: int  # EXIF's, 1..8
    exif: bytes
    icc_profile: bytes
    notes: tuple[str, ...]  # what was changed to fit a JPEG

    @property
    def shown_size(self) -> tuple[int, int]:
        """Height and width of the picture as it is shown."""
        width, height = self.pixels.size
        return (width, height) if _BACK[self.orientation][0] else (height, width)

    def shown(self) -> Image.Image:
        """Returns the picture as it is shown."""
        steps = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_270,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_90,
        }
        step = steps.get(self.orientation)
        return self.pixels if step is None else self.pixels.transpose(step)


def read_still(path: Path) -> StillImage:
    """Returns the picture in a file.

    Raises:
        OSError: if the file can't be opened.
        ValueError: if it can't be read, or is no still picture of up to 16 bits.
    """
    still, notes = decode_image(path, _still_of)
    return dataclasses.replace(still, notes=(*notes, *still.notes))


def read_upright(path: Path) -> tuple[Image.Image, tuple[str, ...]]:
    """Returns the picture in a file as it is shown, in RGB, and what was changed to get there.

    Raises:
        OSError, ValueError: as `read_still`.
    """
    still = read_still(path)
    return still.shown().convert("RGB"), still.notes


def _still_of(file: Image.Image) -> StillImage:
    frames = getattr(file, "n_frames", 1)
    if frames > 1 and file.format not in _STILL_DESPITE_FRAMES:
        raise UnreadableImage(f"it must be one picture, this {file.format} has {frames} frames or pages")
    if file.mode in _REFUSED:
        raise UnreadableImage(f"pixels must be 8 or 16 bits of grey, RGB or CMYK, got mode {file.mode}")
    metadata = read_metadata(file)
    pixels, profile, notes = _fitted(file)
    profile, too_large = fitting_profile(profile)
    return StillImage(
        pixels=pixels,
        orientation=metadata.orientation,
        exif=metadata.exif,
        icc_profile=profile,
        notes=(*metadata.notes, *too_large, *notes),
    )


def as_stored(maps: Tensor, orientation: int) -> Tensor:
    """Returns a map ``(H, W)`` of the shown picture in the order of the stored pixels."""
    turn, flip_rows, flip_columns = _BACK[orientation]
    axes = [axis for axis, flip in ((0, flip_rows), (1, flip_columns)) if flip]
    return (maps.T if turn else maps).flip(axes)


def read_map(path: Path, *, height: int, width: int) -> Tensor:
    """Returns the map ``(h, w)`` in [0, 1] of an image file, white most salient, for a picture of a shape.

    Raises:
        OSError: if the file can't be opened.
        ValueError: if it can't be read, or its shape differs from the picture's by more than a pixel in its own scale.
    """
    still = read_still(path)
    shown = still.shown()
    fits = abs(shown.height * width - shown.width * height) <= max(width, height)
    if not fits:
        raise ValueError(
            f"the map must have the picture's shape, {width} x {height} or a multiple,"
            f" got {shown.width} x {shown.height}"
        )
    return torch.from_numpy(np.array(shown.convert("L"))).float() / 255


def _fitted(file: Image.Image) -> tuple[Image.Image, bytes, tuple[str, ...]]:
    """Returns pixels as RGB or L, the colour profile that they are in, and notes."""
    profile: bytes = file.info.get("icc_profile") or b""
    if file.mode in ("RGB", "L"):
        if "transparency" not in file.info:
            return file.copy(), profile, ()
    elif file.mode in _SIXTEEN_BIT:
        values = np.asarray(file).astype(np.float32) / 257
        return Image.fromarray((values + 0.5).astype(np.uint8)), profile, ("16-bit grey became 8-bit",)
    elif file.mode == "CMYK":
        return _from_cmyk(file, profile)
    elif file.mode == "1":
        return file.convert("L"), profile, ()
    if file.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in file.info:
        return _on_white(file), profile, ("transparent parts became white",)
    return file.convert("RGB"), profile, ()


def _on_white(file: Image.Image) -> Image.Image:
    full = file.convert("RGBA")
    white = Image.new("RGBA", full.size, "white")
    white.alpha_composite(full)
    return white.convert("L" if file.mode in ("L", "LA", "La") else "RGB")


def _from_cmyk(file: Image.Image, profile: bytes) -> tuple[Image.Image, bytes, tuple[str, ...]]:
    if not profile:
        return file.convert("RGB"), b"", ("CMYK without a profile became RGB by the plain rule",)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(file, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        converted = None
    if converted is None:
        return (
            file.convert("RGB"),
            b"",
            ("the CMYK profile can't be used, CMYK became RGB by the plain rule",),
        )
    return converted, b"", ("CMYK became sRGB by its profile",)


def pixels_of(image: Image.Image | bytes) -> Tensor:
    """Returns the RGB levels ``(1, 3, H, W)`` uint8 of an image, or of a file's content."""
    opened = Image.open(io.BytesIO(image)) if isinstance(image, bytes) else image
    return torch.from_numpy(np.array(opened.convert("RGB"))).permute(2, 0, 1)[None]
