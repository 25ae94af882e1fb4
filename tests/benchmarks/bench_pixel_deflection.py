"""Pixel deflection: milliseconds per image of the batched algorithm and of a loop over attempts.

Usage: ``python tests/benchmarks/bench_pixel_deflection.py [--size 224] [--repeats 15]``

Two loops are the peers, both plain Python over a NumPy image: algorithm 3 with the map of section 4.8, which
does the same as ours, and the published program's, which moves single channels in place and doesn't count
skips. Ours and the loops take turns, so that a busy machine slows all alike; medians are printed. One thread;
use a quiet machine for figures to keep. That ours equals both loops is tested, not measured here.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine

from thesis_workloads.systems.pixel_deflection.deflect import deflect
from thesis_workloads.systems.pixel_deflection.released import deflect_released

RESULTS = Path(__file__).parent / "results" / "pixel_deflection.md"
WINDOW = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = [
        *heading(),
        "| variant | map | K | batch | loop, ms | ours, ms | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for variant in ("text", "released"):
        for with_map in (False, True):
            for num in (100, 1500):
                lines += [row(arguments, variant, with_map, num, batch) for batch in (1, 4, 16)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def heading() -> list[str]:
    command = f"python {' '.join(sys.argv)}"
    return [
        "# Pixel deflection: batched against a loop over attempts",
        "",
        describe_machine(command, packages=("torch", "numpy"))
        + " One thread; milliseconds per image, medians.",
        "",
    ]


def row(arguments: argparse.Namespace, variant: str, with_map: bool, num: int, batch: int) -> str:
    generator = torch.Generator().manual_seed(0)
    size = arguments.size
    images = torch.rand(batch, 3, size, size, generator=generator)
    saliency = torch.rand(batch, size, size, generator=generator) if with_map else None
    image = images[0].permute(1, 2, 0).contiguous().numpy()
    chances = saliency[0].numpy() if saliency is not None else None
    ours = deflect if variant == "text" else deflect_released
    loop = loop_of_the_text if variant == "text" else loop_as_published
    seeds = torch.arange(batch)
    loop_ms, ours_ms = medians(
        [
            lambda: loop(image, chances, num),
            lambda: ours(images, seeds=seeds, saliency=saliency, num_deflections=num, window=WINDOW),
        ],
        arguments.repeats,
    )
    ours_ms /= batch
    answer = "yes" if with_map else "no"
    return f"| {variant} | {answer} | {num} | {batch} | {loop_ms:.2f} | {ours_ms:.2f} | {loop_ms / ours_ms:.1f} |"


def medians(calls: list[Callable[[], object]], repeats: int) -> list[float]:
    """Returns each call's median milliseconds, the calls taking turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats + 1):
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append((time.perf_counter() - start) * 1e3)
    return [statistics.median(taken[1:]) for taken in times]


def loop_of_the_text(image: np.ndarray, chances: np.ndarray | None, num: int) -> np.ndarray:
    result, (height, width, _) = image.copy(), image.shape
    for _ in range(num):
        y, x = random.randint(0, height - 1), random.randint(0, width - 1)
        if chances is not None and random.random() <= chances[y, x]:
            continue
        row_read = random.randint(max(y - WINDOW, 0), min(y + WINDOW, height - 1))
        column_read = random.randint(max(x - WINDOW, 0), min(x + WINDOW, width - 1))
        result[y, x] = image[row_read, column_read]
    return result


def loop_as_published(image: np.ndarray, chances: np.ndarray | None, num: int) -> np.ndarray:
    result, (height, width, channels) = image.copy(), image.shape
    while num > 0:
        for channel in range(channels):
            y, x = random.randint(0, height - 1), random.randint(0, width - 1)
            if chances is not None and random.random() < chances[y, x]:
                continue
            row_read = random.randint(max(y - WINDOW, 1), min(y + WINDOW, height - 1))
            column_read = random.randint(max(x - WINDOW, 1), min(x + WINDOW, width - 1))
            result[y, x, channel] = result[row_read, column_read, channel]
            num -= 1
    return result


if __name__ == "__main__":
    main()
