"""Content-aware JPEG: milliseconds of CPU of its parts, beside a plain JPEG encode of the same image.

Usage: ``python tests/benchmarks/bench_compress.py [--repeats 15]``

One RGB image of 768 x 512, a photograph that a package ships, enlarged; the map is a fixed spot, so no network
runs. "Plain" is Pillow's (libjpeg-turbo's) encode at quality 50; "plain to a size" is what a plain encoder
takes that has to find the quality for a given size by bisection over whole qualities. "Whole" is everything:
planes, mosaic, the plain encode whose size is matched, the search and our file. One thread; medians. The text below
the table has both ratios over all photographs: the one that has to find a size compares what does the same work.
"""

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from machine import describe_machine
from PIL import Image

from thesis_workloads.datasets.images.natural_photographs import natural_photographs
from thesis_workloads.imaging.content_aware import Encoding, encode_content_aware
from thesis_workloads.imaging.jpeg.mosaic import mosaic_coefficients
from thesis_workloads.imaging.jpeg.planes import planes_of_image

RESULTS = Path(__file__).parent / "results" / "compress.md"
SIZE = (768, 512)
Row = tuple[
    str, float, float, float, float, int
]  # name, milliseconds of the four calls, times our file was written
QUALITIES = (30.0, 40.0, 50.0, 60.0, 70.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = [
        "# Content-aware JPEG beside plain JPEG",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "pillow"))
        + " 768 x 512, one thread, milliseconds of CPU, medians.",
        "",
        "| photograph | plain | plain to a size | mosaic | whole | whole / plain | whole / plain to a size | encodes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    paths = natural_photographs()
    rows = [measured(path, arguments.repeats) for path in paths[:: max(1, len(paths) // 6)]]
    lines += [row(each) for each in rows]
    lines += ["", *words(rows)]
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def measured(path: Path, repeats: int) -> Row:
    image = Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    down, across = torch.meshgrid(
        torch.linspace(-2, 2, SIZE[1]), torch.linspace(-2, 2, SIZE[0]), indexing="ij"
    )
    saliency = torch.exp(-down.square() - across.square())
    encoded = encode_content_aware(image, saliency, Encoding())
    planes = planes_of_image(image)
    chroma = encoded.levels[::2, ::2]
    levels = [encoded.levels, chroma, chroma]
    calls: list[Callable[[], object]] = [
        lambda: plain(image, 50),
        lambda: plain_of_size(image, len(encoded.plain)),
        lambda: mosaic_coefficients(planes, levels, QUALITIES),
        lambda: encode_content_aware(image, saliency, Encoding()),
    ]
    return path.stem, *medians(calls, repeats), encoded.num_encodes


def row(of: Row) -> str:
    name, one, searched, mosaic, whole, num_encodes = of
    return (
        f"| {name} | {one:.2f} | {searched:.2f} | {mosaic:.2f} | {whole:.2f} | {whole / one:.1f}"
        f" | {whole / searched:.1f} | {num_encodes} |"
    )


def words(rows: list[Row]) -> list[str]:
    """Returns both ratios in a sentence each."""
    to_one, to_searched = ([each[4] / each[at] for each in rows] for at in (1, 2))
    return [
        f"Whole against a plain encode that has to find a size too: {min(to_searched):.1f} to"
        f" {max(to_searched):.1f} times, median {statistics.median(to_searched):.1f}; the bar is 3.",
        f"Whole against one plain encode that searches nothing: {min(to_one):.1f} to {max(to_one):.1f} times, median"
        f" {statistics.median(to_one):.1f}. The plain encode whose size is matched is itself one of these times.",
    ]


def plain(image: Image.Image, quality: int) -> int:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return len(file.getvalue())


def plain_of_size(image: Image.Image, target: int) -> int:
    low, high = 1, 95
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if plain(image, middle) >= target else (middle + 1, high)
    return low


def medians(calls: list[Callable[[], object]], repeats: int) -> list[float]:
    """Returns each call's median milliseconds, the calls taking turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats + 1):
        for call, taken in zip(calls, times, strict=True):
            start = time.process_time()
            call()
            taken.append((time.process_time() - start) * 1e3)
    return [statistics.median(taken[1:]) for taken in times]


if __name__ == "__main__":
    main()
