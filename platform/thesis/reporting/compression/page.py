"""A batch of compressed pictures as one HTML page: the plain JPEG and ours of the same size under one slider.

The page needs no other file: the pictures' files are embedded unchanged.
"""

import base64
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from thesis.reporting.compression.tables import GAIN_COLUMNS, RULE, gain_cells
from thesis.reporting.html_templates import template_environment

MOST_EMBEDDED = 60_000_000  # bytes of files in a page; pictures beyond have a row in its table alone
_METRICS = {"psnr_s": "PSNR-S", "psnr": "PSNR", "ssim": "SSIM"}


@dataclass(frozen=True, kw_only=True)
class ComparedPicture:
    """A picture, as the page shows it."""

    name: str
    plain: bytes  # JPEG
    ours: bytes
    numbers: Mapping[str, float]


def compression_page(pictures: Iterator[ComparedPicture], num_pictures: int) -> Iterator[str]:
    """Yields the page in parts, a picture at a time.

    Args:
        pictures: in the order of the page.
        num_pictures: their number.
    """
    numbers: list[Mapping[str, float]] = []
    left_out: list[str] = []

    def embedded() -> Iterator[ComparedPicture]:
        num_bytes = 0
        for picture in pictures:
            numbers.append(picture.numbers)
            num_bytes += len(picture.plain) + len(picture.ours)
            if num_bytes > MOST_EMBEDDED:
                left_out.append(picture.name)
            else:
                yield picture

    return _environment().get_template("page.html").generate(
        pictures=embedded(),
        num_pictures=num_pictures,
        rule=RULE,
        metrics=_METRICS,
        columns=GAIN_COLUMNS,
        rows=lambda: gain_cells(numbers),
        count_left_out=lambda: len(left_out),
    )  # fmt: skip


@functools.cache
def _environment() -> Environment:
    environment = template_environment("thesis.reporting.compression")
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode("ascii")
    return environment


def write_compression_page(path: Path, pictures: Iterator[ComparedPicture], num_pictures: int) -> None:
    """Writes the page."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(compression_page(pictures, num_pictures))
