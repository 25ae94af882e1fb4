"""Training runs inside a measurement: one task of Ray each, so that they share the cores of the machines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.execution.training.workloads import find_workload


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of one configuration."""

    config: Any
    rows: list[dict[str, float]]  # reported, an epoch each
    state: dict[str, Any]  # the last one


def train_trials(
    system: str, configs: Sequence[Any], data: Any, *, concurrency: int | None = None
) -> list[Trial]:
    """Returns the trials in the order of their configurations; needs a connected Ray."""
    import ray

    shared = ray.put(data)
    task = ray.remote(num_cpus=1, max_retries=3)(_train)
    waiting, done = list(range(len(configs))), dict[int, Trial]()
    running: dict[Any, int] = {}
    while waiting or running:
        while waiting and (concurrency is None or len(running) < concurrency):
            place = waiting.pop(0)
            running[task.remote(system, configs[place], shared)] = place
        (finished,), _ = ray.wait(list(running), num_returns=1)
        done[running.pop(finished)] = ray.get(finished)
    return [done[place] for place in range(len(configs))]


def correlations_by_seed(trials: Iterable[Trial], first: str, second: str) -> dict[str, float]:
    """Returns for each seed how two metrics of the last epoch correlate over its trials (Pearson)."""
    rows: dict[str, list[dict[str, float]]] = {}
    for trial in trials:
        rows.setdefault(str(trial.config.seed), []).append(trial.rows[-1])
    return {
        seed: correlation([row[first] for row in own], [row[second] for row in own])
        for seed, own in rows.items()
    }


def correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Returns Pearson's correlation; 0 where one of the two does not vary."""
    if len(set(first)) < 2 or len(set(second)) < 2:
        return 0.0
    return float(np.corrcoef(np.array(first, dtype=float), np.array(second, dtype=float))[0, 1])


def _train(system: str, config: Any, data: Any) -> Trial:
    from thesis_workloads.contract.reporter import MemoryReporter

    set_up_worker()
    reporter = MemoryReporter()
    find_workload(system).train(config, data, reporter)
    return Trial(config=config, rows=reporter.rows, state=reporter.state or {})
