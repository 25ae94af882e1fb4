"""Parameters and inference time of the networks of table 5.5, relative to C^3(32), beside the printed ones.

    python tests/benchmarks/bench_networks.py [--batch 16] [--passes 9] [--device cpu]

Every network takes colour images of 32x32 pixels in evaluation mode. Networks are timed in turn, pass by pass,
so that a busy machine slows all alike; CPU seconds of one thread, or synchronised seconds on a GPU, medians.
Also the full network against the sub-network that is left of it at p=30 (ranked by weights; the first
convolution keeps its filters), and how many of the pruned filters are only silenced.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch
from machine import describe_machine

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs, same_layout
from thesis_workloads.systems.repr.pruning.ranking import Ranking, importance
from thesis_workloads.systems.repr.pruning.selection import Kept, select
from thesis_workloads.systems.repr.pruning.subnetwork import shrink
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters

RESULTS = Path(__file__).parent / "results" / "networks.md"
PRINTED = {
    "c3-32": (20, 1.0),
    "c8-32": (66, 1.7),
    "c13-32": (113, 2.5),
    "c18-32": (159, 3.3),
    "densenet-5": (1.7, 0.9),
    "densenet-40": (1016, 8.0),
    "densenet-100": (6968, 43.9),
    "resnet-20": (269, 1.7),
    "resnet-32": (464, 2.2),
    "resnet-110": (1727, 7.1),
    "resnet-182": (2894, 11.7),
}
"""Thousands of parameters without the classifier, and relative time, of table 5.5."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--passes", type=int, default=9)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--networks", nargs="+", default=list(PRINTED), choices=list(PRINTED))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    names = list(dict.fromkeys(["c3-32", *arguments.networks]))
    images = torch.randn(arguments.batch, 3, 32, 32, device=arguments.device)
    full, small, silenced = {}, {}, {}
    for name in names:
        network, convs = build(name, arguments.device)
        kept = lightest_gone(network, convs)
        full[name], small[name] = network, same_layout(shrink(network, convs, kept)).eval()
        silenced[name] = num_silenced(network, convs, kept)
    seconds = in_turn([*full.values(), *small.values()], images, passes=arguments.passes)
    times = dict(zip(names, seconds, strict=False))
    small_times = dict(zip(names, seconds[len(names) :], strict=True))
    lines = [
        "# Networks of table 5.5: parameters and inference time",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch",)),
        f"Batches of {arguments.batch} on {arguments.device}, one thread.",
        "",
        "| network | parameters x1000 | printed | ms | relative | printed | p=30: relative to full | silenced |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in names:
        thousands, printed = PRINTED[name]
        lines.append(
            f"| {name} | {num_parameters(full[name]) / 1000:.1f} | {thousands} | {1e3 * times[name]:.1f} "
            f"| {times[name] / times['c3-32']:.1f} | {printed} | {small_times[name] / times[name]:.2f} "
            f"| {silenced[name]} |"
        )
    print("\n".join(lines))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")


def build(name: str, device: str) -> tuple[torch.nn.Module, tuple[PrunableConv, ...]]:
    network = build_network(
        name,
        in_channels=3,
        image_size=(32, 32),
        num_classes=10,
        batch_norm=name.startswith("c"),
        dropout=0.0,
        seed=0,
    )
    return same_layout(network.to(device)).eval(), prunable_convs(name, network)


def lightest_gone(network: torch.nn.Module, convs: tuple[PrunableConv, ...]) -> Kept:
    nothing = torch.empty(0)
    ranking = Ranking(
        network=network,
        convs=convs,
        images=nothing,
        labels=nothing,
        train_images=nothing,
        train_labels=nothing,
        seed=0,
        round=1,
        score_scale="layer",
        variant="text",
        rank_first_conv=False,
    )
    return select(importance("weights", ranking), p=30, min_filters=1, rank_first_conv=False)


def num_silenced(network: torch.nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> str:
    pruned = {conv: len(filters(network, conv)) - len(kept[conv.conv]) for conv in convs}
    return f"{sum(count for conv, count in pruned.items() if not conv.removable)} of {sum(pruned.values())}"


def num_parameters(network: torch.nn.Module) -> int:
    head = network.get_submodule("head")
    return sum(each.numel() for each in network.parameters()) - sum(
        each.numel() for each in head.parameters()
    )


@torch.inference_mode()
def in_turn(networks: list[torch.nn.Module], images: torch.Tensor, *, passes: int) -> list[float]:
    seconds: list[list[float]] = [[] for _ in networks]
    for number in range(passes + 1):
        for network, found in zip(networks, seconds, strict=True):
            started = now(images)
            network(images)
            if number > 0:
                found.append(now(images) - started)
    return [statistics.median(found) for found in seconds]


def now(images: torch.Tensor) -> float:
    if images.is_cuda:
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


if __name__ == "__main__":
    main()
