"""Wavelet denoising: milliseconds per RGB image, ours against scikit-image, and how far the results differ.

Usage: ``python tests/benchmarks/bench_denoising.py [--size 224] [--repeats 25]``

The peer is ``skimage.restoration.denoise_wavelet`` on single-precision images, BayesShrink, soft, in YCbCr;
ours is the same computation (``sigma_scale="rgb"``), so the largest difference of a pixel value, on a scale
of 0 to 1, is printed beside the time. All take turns, so that a busy machine slows all alike; medians are
printed. One thread; use a quiet machine for figures to keep.
"""

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine
from skimage.restoration import denoise_wavelet as scikit_denoise

from thesis_workloads.datasets.images.photographs import load_photographs, shipped_photographs
from thesis_workloads.imaging.wavelets import denoise_wavelet

RESULTS = Path(__file__).parent / "results" / "denoising.md"
SIGMA = 0.04


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--repeats", type=int, default=25)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    photographs = load_photographs(shipped_photographs(), size=arguments.size).images
    noise = SIGMA * torch.randn(photographs.shape, generator=torch.Generator().manual_seed(0))
    images = (photographs + noise).clamp(0, 1)
    lines = [
        *heading(),
        "| wavelet | ours runs in | batch | scikit-image, ms | ours, ms | ratio | largest difference |",
        "|---|---|---|---|---|---|---|",
    ]
    for wavelet, backend in itertools.product(("db1", "db2"), ("torch", "pywavelets")):
        lines += [row(images[:batch], wavelet, backend, arguments.repeats) for batch in (1, 4, 16)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def heading() -> list[str]:
    command = f"python {' '.join(sys.argv)}"
    return [
        "# Wavelet denoising against scikit-image",
        "",
        describe_machine(command, packages=("torch", "scikit-image", "PyWavelets"))
        + " One thread; milliseconds per image, medians.",
        "",
    ]


def row(images: torch.Tensor, wavelet: str, backend: str, repeats: int) -> str:
    arrays = images.permute(0, 2, 3, 1).contiguous().numpy()

    def peer() -> np.ndarray:
        settings = {"sigma": SIGMA, "wavelet": wavelet, "convert2ycbcr": True, "channel_axis": -1}
        return np.stack([scikit_denoise(array, **settings) for array in arrays])

    def ours() -> torch.Tensor:
        return denoise_wavelet(images, sigma=SIGMA, wavelet=wavelet, sigma_scale="rgb", backend=backend)

    difference = np.abs(ours().permute(0, 2, 3, 1).numpy() - peer().clip(0, 1)).max()
    peer_ms, ours_ms = (each / len(images) for each in medians([peer, ours], repeats))
    return (
        f"| {wavelet} | {backend} | {len(images)} | {peer_ms:.2f} | {ours_ms:.2f} "
        f"| {peer_ms / ours_ms:.1f} | {difference:.1e} |"
    )


def medians(calls: list[Callable[[], object]], repeats: int) -> list[float]:
    """Returns each call's median milliseconds, the calls taking turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats + 1):
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append((time.perf_counter() - start) * 1e3)
    return [statistics.median(taken[1:]) for taken in times]


if __name__ == "__main__":
    main()
