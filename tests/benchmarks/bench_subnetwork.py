"""The sub-network phase: seconds per step when it is masked and when it is physically smaller.

Also a whole RePr run against standard training for the same epochs. Usage:

    python tests/benchmarks/bench_subnetwork.py [--sizes 28 64] [--channels 1] [--steps 30] \\
        [--epochs 100] [--s1 20] [--s2 10] [--images 128]

Masking is the cheapest way to mask: the full network, outputs of the pruned filters multiplied by zero. Freed memory
is kept, as in every trial. Networks are measured in turn, step by step, in CPU seconds of one thread, and the medians
are printed, for each size of the images; the parts below take the first size. Use a quiet machine for figures to keep.

The second table says where the time goes: each convolution forward and backward, at its full and at its
kept width, beside the share of multiplications that is left. On a processor with AVX-512 oneDNN computes
output channels in blocks of 16, whatever the memory format: 21 filters cost nearly what 32 do, 14 what 16
do. Rounding the number of kept filters would change the algorithm, and a layout padded with zeros is what oneDNN
makes already. What is left of the ideal is lost there and in the first layer, which keeps all its filters.
"""

import argparse
import copy
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from machine import describe_machine

from thesis.execution.cluster.worker_setup import set_up_worker
from thesis_workloads.contract.reporter import MemoryReporter, Reporter, State
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs, same_layout
from thesis_workloads.systems.repr.pruning.masking import mask_filters
from thesis_workloads.systems.repr.pruning.ranking import Ranking, importance
from thesis_workloads.systems.repr.pruning.selection import select
from thesis_workloads.systems.repr.pruning.subnetwork import shrink
from thesis_workloads.systems.repr.train import train

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
    parser.add_argument("--sizes", type=int, nargs="+", default=[28, 64], help="sides of the images")
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=100, help="of the whole runs")
    parser.add_argument("--s1", type=int, default=20)
    parser.add_argument("--s2", type=int, default=10)
    parser.add_argument("--images", type=int, default=128, help="training images of the whole runs")
    arguments = parser.parse_args()
    set_up_worker()
    lines = []
    parts = [heading, *(partial(steps_table, arguments, size) for size in arguments.sizes)]
    for part in (*parts, partial(layers_table, arguments), partial(runs_table, arguments)):
        written = part()
        lines += written
        print("\n".join(written), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines).rstrip() + "\n")


def heading() -> list[str]:
    machine = describe_machine(f"python {' '.join(sys.argv)}", packages=("torch",))
    return ["# Sub-network phase: masked and physically smaller", "", machine, ""]


def steps_table(arguments: argparse.Namespace, size: int) -> list[str]:
    rows = [
        f"C^3(32), p=30, {arguments.channels}x{size}x{size}, batch {arguments.batch}: "
        f"median of {arguments.steps} steps",
        "",
        "| ranked by | filters left per layer | full, ms | masked, ms | smaller, ms | than full | than masked |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, options in CHOICES.items():
        kept, full_s, masked_s, smaller_s = time_choice(arguments, size, **options)
        rows.append(
            f"| {name} | {'/'.join(map(str, kept))} | {full_s * 1e3:.1f} | {masked_s * 1e3:.1f} "
            f"| {smaller_s * 1e3:.1f} | {full_s / smaller_s:.2f}x | {masked_s / smaller_s:.2f}x |"
        )
    return [*rows, ""]


def time_choice(
    arguments: argparse.Namespace,
    size: int,
    *,
    metric: str,
    score_scale: str = "none",
    rank_first_conv: bool = False,
) -> tuple[list[int], float, float, float]:
    network = same_layout(
        build_network(
            "c3-32",
            in_channels=arguments.channels,
            image_size=(size, size),
            num_classes=10,
            batch_norm=False,
            dropout=0.0,
            seed=0,
        )
    )
    convs = prunable_convs("c3-32", network)
    images = torch.randn(arguments.batch, arguments.channels, size, size)
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
    smaller, masked = same_layout(shrink(network, convs, kept)), same_layout(copy.deepcopy(network))
    mask_filters(masked, convs, kept)
    full_s, masked_s, smaller_s = in_turn((network, masked, smaller), images, labels, steps=arguments.steps)
    return [len(indices) for indices in kept.values()], full_s, masked_s, smaller_s


def in_turn(
    networks: tuple[torch.nn.Module, ...], images: torch.Tensor, labels: torch.Tensor, *, steps: int
) -> list[float]:
    models = [(model, torch.optim.SGD(model.parameters(), lr=0.01)) for model in networks]
    times: list[list[float]] = [[] for _ in models]
    for step in range(steps + 3):
        for (model, optimizer), seconds in zip(models, times, strict=True):
            started = time.process_time()
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
            if step >= 3:
                seconds.append(time.process_time() - started)
    return [statistics.median(seconds) for seconds in times]


def layers_table(arguments: argparse.Namespace) -> list[str]:
    rows = [
        f"One 3x3 convolution on {arguments.sizes[0]}x{arguments.sizes[0]}, batch {arguments.batch}, channels last",
        "",
        "| filters read, written | forward, ms | backward, ms | of 32, 32 | multiplications |",
        "|---|---:|---:|---:|---:|",
    ]
    reference = sum(time_layer(arguments, 32, 32))
    for read, written in ((32, 32), (32, 24), (32, 21), (32, 16), (21, 14), (16, 19), (16, 16)):
        forward_s, backward_s = time_layer(arguments, read, written)
        rows.append(
            f"| {read}, {written} | {forward_s * 1e3:.1f} | {backward_s * 1e3:.1f} "
            f"| {(forward_s + backward_s) / reference:.2f} | {read * written / 32**2:.2f} |"
        )
    return [*rows, ""]


def time_layer(arguments: argparse.Namespace, read: int, written: int) -> tuple[float, float]:
    conv = same_layout(torch.nn.Conv2d(read, written, 3, padding=1))
    images = torch.randn(arguments.batch, read, arguments.sizes[0], arguments.sizes[0])
    images = images.contiguous(memory_format=torch.channels_last).requires_grad_()
    times: list[tuple[float, float]] = []
    for _ in range(arguments.steps + 3):
        started = time.process_time()
        outputs = conv(images)
        between = time.process_time()
        slopes = torch.ones_like(outputs)
        after = time.process_time()
        outputs.backward(slopes)
        times.append((between - started, time.process_time() - after))
    forward, backward = zip(*times[3:], strict=True)
    return statistics.median(forward), statistics.median(backward)


def runs_table(arguments: argparse.Namespace) -> list[str]:
    data = noise(arguments)
    shared = {"epochs": arguments.epochs, "s1": arguments.s1, "s2": arguments.s2, "p": 30.0, "n": 3}
    rows = [
        f"Whole runs of {arguments.epochs} epochs (S1={arguments.s1}, S2={arguments.s2}, p=30, N=3) on "
        f"{arguments.images} images, held-out part, pruning and reinitialisation included; both schemes take "
        "turns, epoch by epoch",
        "",
        "| network | scheme | CPU seconds | of standard |",
        "|---|---|---:|---:|",
    ]
    for model in ("c3-32", "resnet-20"):
        schemes = ("standard", "repr")
        configs = [RePrConfig(model=model, scheme=scheme, device="cpu", **shared) for scheme in schemes]
        seconds = take_turns([partial(train, config, data) for config in configs])
        rows += [
            f"| {model} | {scheme} | {each:.2f} | {each / seconds[0]:.2f} |"
            for scheme, each in zip(schemes, seconds, strict=True)
        ]
    return rows


def take_turns(runs: list[Callable[[Reporter], object]]) -> list[float]:
    """Returns the CPU seconds of each run; a minute in which the machine is slow slows all of them alike."""
    turns = [threading.Semaphore(0) for _ in runs]
    reporters = [Turn(mine, follower) for mine, follower in zip(turns, [*turns[1:], turns[0]], strict=True)]
    threads = [
        threading.Thread(target=reporter.follow, args=(run,))
        for run, reporter in zip(runs, reporters, strict=True)
    ]
    for thread in threads:
        thread.start()
    turns[0].release()
    for thread in threads:
        thread.join()
    return [reporter.seconds for reporter in reporters]


class Turn(MemoryReporter):
    """Runs between two reports, then lets the next run do so."""

    def __init__(self, mine: threading.Semaphore, follower: threading.Semaphore) -> None:
        self.seconds = 0.0
        self._mine, self._follower, self._began = mine, follower, 0.0

    def follow(self, run: Callable[[Reporter], object]) -> None:
        torch.set_num_threads(1)  # it holds for one thread
        self._wait()
        run(self)
        self._pass_on()

    def report(self, metrics: Mapping[str, float], *, state: Callable[[], State] | None = None) -> None:
        self._pass_on()
        self._wait()

    def _wait(self) -> None:
        self._mine.acquire()
        self._began = time.thread_time()

    def _pass_on(self) -> None:
        self.seconds += time.thread_time() - self._began
        self._follower.release()


def noise(arguments: argparse.Namespace) -> ImageSplits:
    def part(size: int) -> LabelledImages:
        images = torch.randn(size, arguments.channels, *2 * arguments.sizes[:1])
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
