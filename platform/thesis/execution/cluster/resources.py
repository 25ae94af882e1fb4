"""The number of runs that fit on a Ray: by cores, by memory, and by fractions of a GPU from declared memory."""

import dataclasses
import math
import os
import time
from collections.abc import Callable
from typing import TypeVar

from thesis.execution.cluster.connection import cluster_resources
from thesis.experiments.plan import Resources
from thesis_workloads.contract.errors import UserError

GIB = 2**30
_PARTS = 10_000  # Ray counts a GPU in parts as small as this
_PATIENCE_S = 60.0  # how long machines of a cluster may take to join
_POLL_S = 1.0

Answer = TypeVar("Answer")


def resolve_gpu_fraction(resources: Resources) -> Resources:
    """Returns the resources with the fraction of a GPU that their declared memory takes.

    A card holds as many workers as their memory fits into it whole times; the smallest card of the cluster
    decides, since Ray may place a worker on any. Needs a connected Ray.

    Raises:
        UserError: if the memory is more than a card has, or no card is known.
    """
    needed = resources.gpu_memory_gib_per_worker
    if needed <= 0:
        return resources
    card = _number("THESIS_GPU_MEMORY_GIB") or _wait_for_nodes(_smallest_card_gib)
    if needed > card:
        raise UserError(
            f"--gpu-memory-per-worker must be at most {card:.4g}, the GiB of the smallest card, got {needed:g}"
        )
    return dataclasses.replace(resources, gpus_per_worker=gpu_fraction(needed, card))


def gpu_fraction(needed: float, card: float) -> float:
    """Returns the fraction of a card that a worker holds, rounded so that as many fit as their memory does."""
    return math.floor(_PARTS / int(card / needed + 1e-9)) / _PARTS


def _smallest_card_gib() -> float:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("GPU")]
    ask = ray.remote(num_cpus=0, num_gpus=0.01, max_retries=0)(_own_cards_gib)
    asked = [
        ask.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote()
        for node in nodes
    ]
    found = [size for sizes in ray.get(asked) for size in sizes]
    if not found:
        raise UserError(
            "--gpu-memory-per-worker needs to know the cards, and this Ray has none yet; set THESIS_GPU_MEMORY_GIB"
            " to the memory of the smallest card that it will have"
        )
    return float(min(found))


def _own_cards_gib() -> list[float]:
    import torch

    cards = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
    return [card.total_memory / GIB for card in cards]


def max_concurrent_trials(resources: Resources) -> int:
    """Returns the number of runs that fit at once on the connected Ray, or on the size it may grow to.

    A cluster that grows by itself names its most in THESIS_CLUSTER_CPUS and THESIS_CLUSTER_GPUS: trials that
    do not fit yet wait, and its autoscaler, which sees them wait, adds machines. Machines of any cluster are
    waited for a minute: after a restart they join one after the other.

    Raises:
        UserError: if not even one fits.
    """
    return _wait_for_nodes(lambda: _max_concurrent_trials(resources))


def _wait_for_nodes(ask: Callable[[], Answer]) -> Answer:
    deadline = time.monotonic() + (_PATIENCE_S if os.environ.get("RAY_ADDRESS") else 0.0)
    while True:
        try:
            return ask()
        except UserError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(_POLL_S)


def _max_concurrent_trials(resources: Resources) -> int:
    total = cluster_resources()
    may_grow = False
    for kind in ("CPU", "GPU"):
        most = _number(f"THESIS_CLUSTER_{kind}S")
        may_grow = may_grow or most > 0
        total[kind] = max(total.get(kind, 0.0), most)
    wanted = [
        ("CPU", resources.cpus_per_worker, "CPUs", "cpus-per-worker"),
        ("GPU", resources.gpus_per_worker, "GPUs", "gpus-per-worker"),
    ]
    if not may_grow:
        wanted.append(("memory", resources.memory_gib_per_worker, "GiB of memory", "memory-per-worker"))
    fits = []
    for kind, needed, unit, option in wanted:
        if needed <= 0:
            continue
        there = total.get(kind, 0.0) / (GIB if kind == "memory" else 1)
        if needed * resources.workers > there + 1e-9:
            raise UserError(
                f"one run needs {needed * resources.workers:g} {unit} ({resources.workers} workers x {needed:g}),"
                f" but this Ray has {there:.4g}; lower --workers or --{option}"
            )
        fits.append(int(there / (needed * resources.workers) + 1e-9))
    return min(fits, default=1)


def resource_bundle(resources: Resources) -> dict[str, float]:
    """Returns the resources of one worker, in Ray's units."""
    held: dict[str, float] = {"CPU": resources.cpus_per_worker}
    if resources.gpus_per_worker > 0:
        held["GPU"] = resources.gpus_per_worker
    if resources.memory_gib_per_worker > 0:
        held["memory"] = float(int(resources.memory_gib_per_worker * GIB))
    return held


def _number(variable: str) -> float:
    text = os.environ.get(variable) or "0"
    try:
        return float(text)
    except ValueError as error:
        raise UserError(f"{variable} must be a number, got {text!r}") from error
