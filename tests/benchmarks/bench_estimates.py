"""What `--plan` says that trials take, beside what they take: seconds of one core for whole trials at ``small``.

Usage:

    python tests/benchmarks/bench_estimates.py [--write]

Each trial runs in this process with one thread; what counts is the processor's time, which other load on the
machine lengthens less than the clock's. Loading the data is not in it: a sweep's trials share that.
"""

import argparse
import dataclasses
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT / "workloads"), str(Path(__file__).parent)]

import torch  # noqa: E402
from machine import describe_machine  # noqa: E402

from thesis.execution.training.cost import estimate  # noqa: E402
from thesis.execution.training.table_plan import table_plan  # noqa: E402
from thesis.execution.training.workloads import find_workload, load_data  # noqa: E402
from thesis.experiments.plan import Resources, TrainPlan, make_config  # noqa: E402
from thesis.experiments.tables import REPRODUCTIONS  # noqa: E402
from thesis_workloads.contract.reporter import MemoryReporter  # noqa: E402
from thesis_workloads.registry import find_system  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "estimates.md"
TRIALS = (
    ("table-8.3", {"model": "condensed", "hops": 3, "num_labels": 50}),
    ("table-8.3", {"model": "memnn", "hops": 5, "num_labels": 100}),
    ("table-7.4", {"model": "residual", "num_layers": 2}),
    ("table-7.4", {"model": "seq2seq", "num_layers": 4}),
    ("table-6.1", {"model": "lstm-q+i"}),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the results file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    heading = describe_machine(f"python {' '.join(sys.argv)}", packages=("torch",))
    lines = [
        "# What a trial takes, said and measured",
        "",
        heading,
        "",
        "| of | trial | arithmetic alone, s | said, s | measured, s | said / measured |",
        "|---|---|---:|---:|---:|---:|",
        *(row_of(table, trial_of(table, wanted), wanted) for table, wanted in TRIALS),
        row_of("sweep", sweep_trial(), {}),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")


def trial_of(table: str, wanted: Mapping[str, Any]) -> TrainPlan:
    """Returns the first trial of a table at ``small`` that has these settings."""
    plan = table_plan(REPRODUCTIONS[table], scale="small", num_seeds=1, seed=0, resources=Resources())
    config = next(
        trial.config for trial in plan.trials if wanted.items() <= dataclasses.asdict(trial.config).items()
    )
    return TrainPlan(system=plan.system, scale="small", config=config, resources=Resources())


def sweep_trial() -> TrainPlan:
    config = make_config(find_system("repr"), scale="small", overrides={})
    return TrainPlan(system="repr", scale="small", config=config, resources=Resources())


def row_of(name: str, plan: TrainPlan, wanted: Mapping[str, Any]) -> str:
    workload = find_workload(plan.system)
    data = load_data(workload, plan.config, None)
    cost = estimate(plan)
    started = time.process_time()
    workload.train(plan.config, data, MemoryReporter())
    measured = time.process_time() - started
    said, arithmetic = 3600 * cost.cpu_core_hours, cost.total_flops / cost.cpu_flops
    settings = ", ".join(f"{key}={value}" for key, value in wanted.items()) or "default settings"
    return (
        f"| {name} | {plan.system}, {settings} | {arithmetic:.2f} | {said:.1f} | {measured:.1f} |"
        f" {said / measured:.2f} |"
    )


if __name__ == "__main__":
    main()
