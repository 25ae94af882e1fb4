"""What 20 perturbed maps of one photograph cost in one call beside 20 calls: seconds of CPU, in results/maps.md.

Usage: ``python tests/benchmarks/bench_maps.py [--rounds 3]``

One photograph of 512 x 512 pixels, one thread; the calls take turns, the least of the rounds counts. On a CPU one call
goes through the network in passes of as many copies as its caches bear.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from machine import describe_machine

from thesis.execution.cluster.worker_setup import set_up_worker
from thesis_workloads.datasets.images.photographs import read_photograph, shipped_photographs
from thesis_workloads.saliency.maps import region_map
from thesis_workloads.saliency.pretrained import load_map_network
from thesis_workloads.systems.aug_ms_roi.augmented import augmented_map

RESULTS = Path(__file__).parent / "results" / "maps.md"
COUNT = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="224,448", help="of the network's input, pixels")
    options = parser.parse_args()
    set_up_worker()
    lines = [
        "# Perturbed maps in one call beside single calls",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch",))
        + f" Seconds of CPU for {COUNT} maps of one photograph, one thread, least of {options.rounds} rounds.",
        "",
        f"| network input | {COUNT} calls, MS-ROI | {COUNT} calls, perturbed | one call, {COUNT} perturbed"
        " | one call / perturbed calls |",
        "|---|---|---|---|---|",
        *(row(int(size), options.rounds) for size in options.sizes.split(",")),
    ]
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def row(size, rounds):
    network = load_map_network(input_size=size)
    image = read_photograph(shipped_photographs()[0].path, size=512)[None]
    seeds = [torch.tensor([number]) for number in range(COUNT)]
    jobs = (
        lambda: [region_map(network, image) for _ in seeds],
        lambda: [augmented_map(network, image, seed, num_perturbations=1) for seed in seeds],
        lambda: augmented_map(network, image, seeds[0], num_perturbations=COUNT),
    )
    taken = [[seconds(job) for job in jobs] for _ in range(rounds)]
    plain, single, together = (min(each) for each in zip(*taken, strict=True))
    return f"| {size} | {plain:.2f} | {single:.2f} | {together:.2f} | {together / single:.2f} |"


def seconds(job):
    began = time.process_time()
    job()
    return time.process_time() - began


if __name__ == "__main__":
    main()
