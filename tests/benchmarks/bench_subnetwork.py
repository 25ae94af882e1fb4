"""The sub-network phase: seconds per step when it is masked and when it is physically smaller.

Also a whole RePr run against standard training for the same epochs. Usage:

    python tests/benchmarks/bench_subnetwork.py [--size 28] [--channels 1] [--steps 30] [--epochs 10]

Masking is the cheapest way to mask: the full network, outputs of the pruned filters multiplied by
zero. Both are measured in turn, step by step, so that a busy machine slows both alike; the medians are
printed. Use one thread and a quiet machine for figures to keep.
"""

import argparse
import datetime
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from thesis_workloads.datasets.images import ImageSplits, LabelledImages
from thesis_workloads.reporting import MemoryReporter
from thesis_workloads.repr.config import RePrConfig
from thesis_workloads.repr.masking import mask_filters
from thesis_workloads.repr.networks import build_network, prunable_convs, same_layout
from thesis_workloads.repr.ranking import Ranking, importance
from thesis_workloads.repr.selection import select
from thesis_workloads.repr.subnetwork import shrink
from thesis_workloads.repr.train import train

RESULTS = Path(__file__).parent / "results" / "subnetwork.md"
CHOICES = {
    "ortho (default)": {"metric": "ortho"},
    "ortho, first layer too": {"metric": "ortho", "rank_first_conv": True},
    "ortho by dimension, first layer too": {
        "metric": "ortho",
        "score_scale": "dimension",
        "rank_first_conv": True,
    },
    "weights": {"metric": "weights"},
    "random": {"metric": "random"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=28)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument(
        "--epochs", type=int, default=10, help="of the whole runs; S1, S2 are a fifth, a tenth"
    )
    parser.add_argument("--images", type=int, default=640, help="training images of the whole runs")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = [*heading(), *steps_table(arguments), *runs_table(arguments)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def heading() -> list[str]:
    described = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":")[1].strip() for line in described if line.startswith("model name")]
    model = models[0] if models else platform.processor()
    return [
        "# Sub-network phase: masked and physically smaller",
        "",
        f"{datetime.date.today()}, {os.cpu_count()} cores ({model}), one thread, "
        f"Python {platform.python_version()}, PyTorch {torch.__version__}. "
        f"Command: `python {' '.join(sys.argv)}`",
        "",
    ]


def steps_table(arguments: argparse.Namespace) -> list[str]:
    rows = [
        f"C^3(32), p=30, {arguments.channels}x{arguments.size}x{arguments.size}, batch {arguments.batch}: "
        f"median of {arguments.steps} steps",
        "",
        "| ranked by | filters left per layer | masked, ms | smaller, ms | faster |",
        "|---|---|---:|---:|---:|",
    ]
    for name, options in CHOICES.items():
        kept, masked_s, smaller_s = time_choice(arguments, **options)
        rows.append(
            f"| {name} | {'/'.join(map(str, kept))} | {masked_s * 1e3:.1f} | {smaller_s * 1e3:.1f} "
            f"| {masked_s / smaller_s:.2f}x |"
        )
    return [*rows, ""]


def time_choice(
    arguments: argparse.Namespace,
    *,
    metric: str,
    score_scale: str = "none",
    rank_first_conv: bool = False,
) -> tuple[list[int], float, float]:
    network = same_layout(
        build_network(
            "c3-32",
            in_channels=arguments.channels,
            image_size=(arguments.size, arguments.size),
            num_classes=10,
            batch_norm=False,
            dropout=0.0,
            seed=0,
        )
    )
    convs = prunable_convs("c3-32", network)
    images = torch.randn(arguments.batch, arguments.channels, arguments.size, arguments.size)
    labels = torch.randint(0, 10, (arguments.batch,))
    ranking = Ranking(
        network=network,
        convs=convs,
        images=images,
        labels=labels,
        train_images=images,
        train_labels=labels,
        seed=0,
        round=1,
        score_scale=score_scale,
        variant="text",
        rank_first_conv=rank_first_conv,
    )
    kept = select(importance(metric, ranking), p=30, min_filters=1, rank_first_conv=rank_first_conv)
    smaller = same_layout(shrink(network, convs, kept))
    mask_filters(network, convs, kept)
    masked_s, smaller_s = alternate(network, smaller, images, labels, steps=arguments.steps)
    return [len(indices) for indices in kept.values()], masked_s, smaller_s


def alternate(
    first: torch.nn.Module,
    second: torch.nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    *,
    steps: int,
) -> tuple[float, float]:
    models = [(model, torch.optim.SGD(model.parameters(), lr=0.01)) for model in (first, second)]
    times: tuple[list[float], list[float]] = ([], [])
    for step in range(steps + 3):
        for (model, optimizer), seconds in zip(models, times, strict=True):
            started = time.perf_counter()
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
            if step >= 3:
                seconds.append(time.perf_counter() - started)
    return statistics.median(times[0]), statistics.median(times[1])


def runs_table(arguments: argparse.Namespace) -> list[str]:
    data = noise(arguments)
    shared = {
        "epochs": arguments.epochs,
        "s1": max(1, arguments.epochs // 5),
        "s2": max(1, arguments.epochs // 10),
    }
    rows = [
        f"Whole runs of {arguments.epochs} epochs (S1={shared['s1']}, S2={shared['s2']}, p=30, N=3) "
        f"on {arguments.images} images, held-out part included",
        "",
        "| scheme | seconds | of standard |",
        "|---|---:|---:|",
    ]
    seconds = {}
    for scheme in ("standard", "repr"):
        started = time.perf_counter()
        train(RePrConfig(scheme=scheme, device="cpu", **shared), data, MemoryReporter())
        seconds[scheme] = time.perf_counter() - started
        rows.append(f"| {scheme} | {seconds[scheme]:.2f} | {seconds[scheme] / seconds['standard']:.2f} |")
    return rows


def noise(arguments: argparse.Namespace) -> ImageSplits:
    def part(size: int) -> LabelledImages:
        images = torch.randn(size, arguments.channels, arguments.size, arguments.size)
        return LabelledImages(images=images, labels=torch.arange(size) % 10)

    return ImageSplits(
        train=part(arguments.images),
        val=part(100),
        test=part(100),
        num_classes=10,
        name="noise",
        version="1",
        digest="0",
    )


if __name__ == "__main__":
    main()
