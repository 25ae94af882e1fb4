"""Images inside a page, each of them small."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from thesis.reporting.page.content import Picture

MAX_BYTES = 60_000  # of a picture that is taken as it is
_MAX_WIDTH = 1200  # pixels; a page shows a picture no wider than 992
_COLORS = 64
_WEBP_QUALITY = 75
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True, kw_only=True)
class EmbeddedImage:
    """A picture with its file as a data address, or the reason why it can't be shown."""

    title: str
    caption: str
    address: str = ""
    error: str = ""


def embed(picture: Picture) -> EmbeddedImage:
    """Returns a picture with its file in it, made smaller where it is large."""
    try:
        kind, content = _small(picture.path)
    except OSError as error:
        reason = error.strerror or "it is no image"
        return EmbeddedImage(title=picture.title, caption=picture.caption, error=reason)
    data = base64.b64encode(content).decode("ascii")
    return EmbeddedImage(title=picture.title, caption=picture.caption, address=f"data:{kind};base64,{data}")


def _small(path: Path) -> tuple[str, bytes]:
    """Returns type and content: the file's own if it is small, else its PNG with fewer colours and pixels.

    Raises:
        OSError: if it can't be read.
    """
    content = path.read_bytes()
    raster = path.with_suffix(".png")
    if len(content) <= MAX_BYTES or not raster.is_file():
        return _TYPES[path.suffix], content
    with Image.open(raster) as opened:
        image = opened.convert("RGB")
    if image.width > _MAX_WIDTH:
        image = image.resize(
            (_MAX_WIDTH, round(image.height * _MAX_WIDTH / image.width)), Image.Resampling.LANCZOS
        )
    # A palette suits lines on white, the other one photographs.
    lines, photograph = io.BytesIO(), io.BytesIO()
    image.quantize(_COLORS, dither=Image.Dither.NONE).save(lines, "PNG", optimize=True)
    image.save(photograph, "WEBP", quality=_WEBP_QUALITY)
    candidates = {
        "image/png": lines.getvalue(),
        "image/webp": photograph.getvalue(),
        _TYPES[path.suffix]: content,
    }
    return min(candidates.items(), key=lambda each: len(each[1]))
