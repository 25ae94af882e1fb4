"""Pictures inside a page."""

import base64

from thesis.reporting.html_elements import Html, element
from thesis.reporting.report_content import Picture

_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def picture(shown: Picture) -> Html:
    """Returns a figure that carries its file with it, or a note where the file can't be read."""
    try:
        content = shown.path.read_bytes()
    except OSError as error:
        return element("p", f"{shown.title} can't be shown: {error.strerror}.", class_="notice")
    data = base64.b64encode(content).decode("ascii")
    return element(
        "figure",
        element("img", src=f"data:{_TYPES[shown.path.suffix]};base64,{data}", alt=shown.title),
        element("figcaption", shown.caption),
    )
