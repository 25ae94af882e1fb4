"""What a sweep of window, K and sigma costs over defending and classifying alone.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_deflection_sweep.py [--values 5] [--every 5] [--write]
The sweep runs its trials one at a time on Ray Tune with MLflow; the loop calls the same trial function in one
process for the same settings, on the same adversarial sets, which are made before either is timed. With --every
the loop takes every so many settings only (sigma, which changes no time, varies fastest) and counts them as often.
"""

import argparse
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import torch
from machine import describe_machine

from thesis.execution.cluster.connection import ray_session
from thesis.execution.evaluation.sweep_data import load
from thesis.execution.training.job import JobOptions, run_job
from thesis.experiments.plan import Resources, SweepPlan, candidates, make_sweep, trials_of
from thesis.reporting.sweeps.publish import conclude_sweep
from thesis.tracking.journal import read_events
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.contract.search_space import Choice
from thesis_workloads.systems.pixel_deflection.experiment import PIXEL_DEFLECTION
from thesis_workloads.systems.pixel_deflection.train import train

RESULTS = Path(__file__).parent / "results" / "deflection_sweep.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=5, help="of window, K and sigma each")
    parser.add_argument("--scale", default="small")
    parser.add_argument("--every", type=int, default=1, help="of the loop's settings")
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS}")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    plan = make_plan(arguments)
    data_dir = arguments.data_dir or Path(tempfile.mkdtemp())
    load(plan.config, data_dir)
    loop_s = timed_loop(plan, data_dir, arguments.every)
    with tempfile.TemporaryDirectory() as folder:
        whole_s, trials_s = timed_sweep(plan, data_dir, Path(folder))
    report = "\n".join(
        [
            heading(arguments),
            "",
            "| trials | loop s | sweep's trials s | ratio | whole command s |",
            "|---:|---:|---:|---:|---:|",
            f"| {num_trials(plan)} | {loop_s:.1f} | {trials_s:.1f} | {trials_s / loop_s:.2f} | {whole_s:.1f} |",
            "",
            "The sweep's trials: from the first start to the last end in its journal. The whole command adds the"
            " start of Ray, tables, figures and MLflow.",
            "",
        ]
    )
    print(report)
    if arguments.write:
        RESULTS.write_text(report, encoding="utf-8")


def make_plan(arguments: argparse.Namespace) -> SweepPlan:
    space = {
        key: Choice(values=dimension.values[: arguments.values])
        for key, dimension in PIXEL_DEFLECTION.space.items()
        if isinstance(dimension, Choice)
    }
    return make_sweep(
        PIXEL_DEFLECTION,
        scale=arguments.scale,
        overrides={},
        space=space,
        search="grid",
        scheduler="none",
        num_samples=1,
        num_seeds=1,
        seed=0,
        resources=Resources(),
    )


def num_trials(plan: SweepPlan) -> int:
    return len(trials_of(plan, candidates(plan)))


def timed_loop(plan: SweepPlan, data_dir: Path, every: int) -> float:
    """Returns the seconds of all trials in this process, with the sets read as a trial reads them."""
    data = load(plan.config, data_dir)
    trials = trials_of(plan, candidates(plan))
    chosen = trials[::every]
    began = time.perf_counter()
    for trial in chosen:
        train(trial.config, data, MemoryReporter(keep_state=False))
    return (time.perf_counter() - began) * len(trials) / len(chosen)


def timed_sweep(plan: SweepPlan, data_dir: Path, folder: Path) -> tuple[float, float]:
    """Returns the seconds of the whole sweep, and those between its first trial's start and its last's end."""
    options = JobOptions(output_dir=folder, data_dir=data_dir, concurrency=1)
    began = time.perf_counter()
    with ray_session(dashboard=False):
        outcome = run_job(plan, options, watch=lambda *_: nullcontext(), conclude=conclude_sweep)
    whole_s = time.perf_counter() - began
    events = list(read_events(outcome.folder.journal))
    starts = [event["time_ms"] for event in events if event["event"] == "start"]
    ends = [event["time_ms"] for event in events if event["event"] == "end"]
    failed = [record for record in outcome.records if record.status != "finished"]
    if failed:
        raise RuntimeError(f"{len(failed)} trials did not finish: {failed[0].error}")
    return whole_s, (max(ends) - min(starts)) / 1000


def heading(arguments: argparse.Namespace) -> str:
    options = f"--values {arguments.values} --every {arguments.every} --scale {arguments.scale} --write"
    machine = describe_machine(f"python tests/benchmarks/bench_deflection_sweep.py {options}")
    return (
        f"# Sweep of {arguments.values**3} points against a plain loop\n\n{machine} Scale {arguments.scale},"
        " one seed, one trial at a time; its baselines are trials too."
    )


if __name__ == "__main__":
    main()
