"""A batch of compressed pictures as one HTML page: the plain JPEG and ours of the same size under one slider.

The page needs no other file: the pictures' files are embedded unchanged.
"""

import base64
import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from thesis.reporting.compression.tables import GAIN_COLUMNS, RULE, gain_rows

MOST_EMBEDDED = 60_000_000  # bytes of files in a page; pictures beyond have a row in its table alone
_METRICS = {"psnr_s": "PSNR-S", "psnr": "PSNR", "ssim": "SSIM"}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 2.5rem 0; width: fit-content; max-width: 100%; }
.pair { position: relative; display: inline-block; max-width: 100%; line-height: 0; }
.pair img { max-width: 100%; height: auto; }
.pair img + img { position: absolute; left: 0; top: 0; clip-path: inset(0 0 0 var(--at, 50%)); }
.pair::after { content: ""; position: absolute; top: 0; bottom: 0; left: var(--at, 50%); border-left: 2px solid #fff;
  box-shadow: 0 0 3px #000; }
.pair input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
.pair:focus-within { outline: 3px solid #0a58ca; }
.sides { display: flex; justify-content: space-between; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e8e8e8; } th, td { border-color: #444; } }
"""
_SCRIPT = """
for (const input of document.querySelectorAll(".pair input"))
  input.addEventListener("input", () => input.parentElement.style.setProperty("--at", input.value + "%"));
"""


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
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Content-aware JPEG</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>\n<h1>Content-aware JPEG: {num_pictures} pictures</h1>\n"
        f"<p>{html.escape(RULE)} Left of the line: plain JPEG. Right of it: content-aware, of the same size.</p>\n"
    )
    numbers, embedded, left_out = list[Mapping[str, float]](), 0, 0
    for picture in pictures:
        numbers.append(picture.numbers)
        embedded += len(picture.plain) + len(picture.ours)
        if embedded > MOST_EMBEDDED:
            left_out += 1
            continue
        yield _figure(picture)
    if left_out:
        yield f"<p>{left_out} further pictures are in the table alone: the page would be too large.</p>\n"
    yield f"<h2>Means</h2>\n{_table(numbers)}\n<script>{_SCRIPT}</script></body></html>\n"


def _figure(picture: ComparedPicture) -> str:
    name = html.escape(picture.name)
    gains = "".join(
        f"<li>{title}: {picture.numbers[f'std-jpeg/{key}']:.4g} plain, {picture.numbers[f'ms-roi/{key}']:.4g} ours</li>"
        for key, title in _METRICS.items()
        if f"ms-roi/{key}" in picture.numbers
    )
    return (
        f"<figure><h2>{name}</h2><div class=pair>"
        f'<img alt="{name}, plain JPEG" src="{_uri(picture.plain)}">'
        f'<img alt="{name}, content-aware JPEG" src="{_uri(picture.ours)}">'
        f'<input type=range min=0 max=100 value=50 step=0.5 aria-label="{name}: plain up to here, then content-aware">'
        f"</div><figcaption><div class=sides><span>plain, {len(picture.plain):,} bytes</span>"
        f"<span>content-aware, {len(picture.ours):,} bytes</span></div><ul>{gains}</ul></figcaption></figure>\n"
    )


def _table(numbers: Sequence[Mapping[str, float]]) -> str:
    rows = "".join(
        f"<tr><td>{row['metric']}</td><td>{row['images']}</td><td>{row['plain']:.4f}</td><td>{row['ours']:.4f}</td>"
        f"<td>{row['gain']:+.4f}</td><td>{row['gain_low']:+.4f} .. {row['gain_high']:+.4f}</td></tr>"
        for row in gain_rows(numbers)
    )
    head = "".join(f"<th scope=col>{title}</th>" for title in GAIN_COLUMNS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _uri(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"


def write_compression_page(path: Path, pictures: Iterator[ComparedPicture], num_pictures: int) -> None:
    """Writes the page."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(compression_page(pictures, num_pictures))
