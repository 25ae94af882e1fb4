"""What a sweep costs beside its training: the same trials by a plain loop and by `thesis sweep`.

    python tests/benchmarks/bench_sweep.py [--epochs 100] [--seeds 3]

Both train the same configurations with one thread per process. The loop calls the workload directly, one trial
after the other; the sweep runs as many trials at once as there are cores, checkpoints, logs to MLflow, ranks,
draws and registers the best model. The result goes to results/sweep.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from machine import describe_machine

from thesis.experiments.plan import PlannedTrial, Resources, candidates, make_sweep, trials_of
from thesis.tracking.journal import read_events
from thesis.tracking.records import read_records
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.registry import find_system

SPACE = ["s1=10,20", "p=10,30"]


def planned_trials(epochs: int, seeds: int) -> list[PlannedTrial]:
    system = find_system("repr")
    plan = make_sweep(
        system,
        scale="small",
        overrides={"epochs": epochs},
        space=parse_space(SPACE, system.config),
        search="grid",
        scheduler="none",
        num_samples=1,
        num_seeds=seeds,
        seed=0,
        resources=Resources(),
    )
    return trials_of(plan, candidates(plan))


def time_loop(trials: list[PlannedTrial]) -> tuple[float, float, dict[str, float]]:
    """Returns wall seconds of the loop, those of its imports and data, and the results by trial key."""
    started = time.perf_counter()
    import torch

    from thesis_workloads.contract.reporter import MemoryReporter
    from thesis_workloads.datasets.readers.splits import load_images
    from thesis_workloads.systems.repr.train import train

    torch.set_num_threads(1)
    config = trials[0].config
    data = load_images(
        config.data,
        data_dir=None,
        num_train=config.num_train,
        num_val=config.num_val,
        label_noise=config.label_noise,
    )
    ready = time.perf_counter()
    results = {}
    for trial in trials:
        reporter = MemoryReporter(keep_state=False)
        train(trial.config, data, reporter)
        results[trial.key] = reporter.rows[-1]["val/accuracy"]
    return time.perf_counter() - ready, ready - started, results


def time_sweep(epochs: int, seeds: int, folder: Path, *extra: str) -> tuple[float, dict[str, object]]:
    """Returns wall seconds of the whole command and what its journal tells."""
    options = [word for text in SPACE for word in ("--space", text)]
    command = [sys.executable, "-m", "thesis", "sweep", "repr", *options, "--set", f"epochs={epochs}",
               "--seeds", str(seeds), "--output-dir", str(folder), "--quiet", *extra]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k not in ("RAY_ADDRESS", "MLFLOW_TRACKING_URI")}
    started = time.time()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    ended = time.time()
    (path,) = folder.glob("*/journal.jsonl")
    events = list(read_events(path))
    records = read_records(events)
    busy = {record.trial_id: record.wall_s for record in records}
    trained = {record.trial_id: sum(row["time/epoch_s"] for row in record.history) for record in records}
    firsts = first_epochs(events)
    return ended - started, {
        "first_start_s": min(event["time_ms"] for event in events) / 1000 - started,
        "fit_s": (max(event["time_ms"] for event in events) - min(event["time_ms"] for event in events))
        / 1000,
        "before_first_step_s": firsts,
        "overhead_s": [busy[key] - trained[key] for key in busy],
        "results": {record.trial_id: record.history[-1]["val/accuracy"] for record in records},
    }


def first_epochs(events: list[dict]) -> list[float]:
    """Returns, per trial, the seconds from its start to the beginning of its first epoch."""
    starts = {
        event["trial"]: event["time_ms"] / 1000 for event in reversed(events) if event["event"] == "start"
    }
    gaps = []
    for event in events:
        if event["event"] == "epoch" and event["metrics"]["epoch"] == 1:
            began = event["time_ms"] / 1000 - event["metrics"]["time/epoch_s"]
            gaps.append(began - starts[event["trial"]])
    return gaps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--nested", action="store_true", help="also time trials of two Ray Train workers")
    arguments = parser.parse_args()
    trials = planned_trials(arguments.epochs, arguments.seeds)
    loop_s, imports_s, expected = time_loop(trials)
    with tempfile.TemporaryDirectory() as folder:
        sweep_s, told = time_sweep(arguments.epochs, arguments.seeds, Path(folder))
    gaps, overheads = sorted(told["before_first_step_s"]), sorted(told["overhead_s"])
    same = sum(told["results"][key] == value for key, value in expected.items())
    lines = [
        "# A sweep beside a plain loop",
        "",
        describe_machine(f"python tests/benchmarks/bench_sweep.py {' '.join(sys.argv[1:])}".rstrip()),
        "",
        f"{len(trials)} trials of {arguments.epochs} epochs (C^3(32) on 300 digits), one thread each.",
        "",
        "| what | value |",
        "|---|---|",
        f"| plain loop, one trial after the other | {loop_s:.1f} s (and {imports_s:.1f} s of imports and data) |",
        f"| `thesis sweep`, first to last event of its trials | {told['fit_s']:.1f} s |",
        f"| ratio of the two | {told['fit_s'] / loop_s:.2f} |",
        f"| `thesis sweep`, the whole command | {sweep_s:.1f} s ({told['first_start_s']:.1f} s to the first trial) |",
        f"| a trial's start to its first step, median | {gaps[len(gaps) // 2]:.2f} s |",
        f"| the same, the first trial of each process | {gaps[-1]:.2f} s |",
        f"| a trial's time beside its epochs, median | {overheads[len(overheads) // 2]:.2f} s |",
        f"| trials whose validation accuracy is the loop's to the last digit | {same} of {len(trials)} |",
    ]
    if arguments.nested:
        few = planned_trials(5, 1)
        with tempfile.TemporaryDirectory() as folder:
            _, nested = time_sweep(5, 1, Path(folder), "--workers", "2")
        spans = sorted(nested["overhead_s"])
        middle = spans[len(spans) // 2]
        lines.append(
            f"| a trial of two workers, time beside its epochs, median of {len(few)} | {middle:.1f} s |"
        )
    text = "\n".join(lines) + "\n"
    print(text)
    target = Path(__file__).parent / "results" / "sweep.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
