"""Pictures inside a page, none of them large."""

import base64
import io
from pathlib import Path

from PIL import Image

from thesis.reporting.page.content import Picture
from thesis.reporting.page.html_elements import Html, element

MAX_BYTES = 60_000  # of a picture that is taken as it is
_MAX_WIDTH = 1200  # pixels; a page shows a picture no wider than 992
_COLOURS = 64
_WEBP_QUALITY = 75
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def picture(shown: Picture) -> Html:
    """Returns a figure that carries its file with it, or a note where the file can't be read."""
    try:
        kind, content = _small(shown.path)
    except OSError as error:
        reason = error.strerror or "it is no picture"
        return element("p", f"{shown.title} can't be shown: {reason}.", class_="notice")
    data = base64.b64encode(content).decode("ascii")
    return element(
        "figure",
        element("img", src=f"data:{kind};base64,{data}", alt=shown.title),
        element("figcaption", shown.caption),
    )


def _small(path: Path) -> tuple[str, bytes]:
    """Returns type and content: the file's own if it is small, else fewer colours and pixels of its PNG.

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
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(lines, "PNG", optimize=True)
    image.save(photograph, "WEBP", quality=_WEBP_QUALITY)
    found = {"image/png": lines.getvalue(), "image/webp": photograph.getvalue(), _TYPES[path.suffix]: content}
    return min(found.items(), key=lambda each: len(each[1]))
