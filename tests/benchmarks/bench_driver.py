"""What the process that drives a sweep spends on a trial and on an epoch.

    python tests/benchmarks/bench_driver.py

Two sweeps of a network that trains an epoch in milliseconds: one of few trials with many epochs, one of many trials
with few. Meanwhile the driver's CPU time is read together with what the journal has, and two lines are fitted. The
sender to MLflow (sqlite) is a thread of the driver and is included; Ray's own processes are not. Table:
results/driver.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import psutil
from machine import describe_machine

from thesis.tracking.journal import read_events

TINY = ["--set", "model=c2-8", "--set", "num_train=60", "--set", "num_val=60", "--set", "s1=1", "--set", "s2=1",
        "--set", "n=1", "--space", "p=30"]  # fmt: skip
Sample = tuple[float, float, float, float]  # seconds since 1970, CPU seconds, epochs, trials ended


def drive(*, epochs: int, seeds: int) -> dict[str, float]:
    """Runs two trials per seed; returns what the driver spent between the first and the last trial's end."""
    environment = {k: v for k, v in os.environ.items() if k not in ("RAY_ADDRESS", "MLFLOW_TRACKING_URI")}
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "thesis", "sweep", "repr", *TINY, "--set", f"epochs={epochs}", "--seeds",
                   str(seeds), "--output-dir", folder, "--quiet"]  # fmt: skip
        driver = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        process = psutil.Process(driver.pid)
        while driver.poll() is None:
            path = next(iter(Path(folder).glob("repr-sweep-*/journal.jsonl")), None)
            if path is not None:
                kinds = [event["event"] for event in read_events(path)]
                times = process.cpu_times()
                samples.append(
                    (time.time(), times.user + times.system, kinds.count("epoch"), kinds.count("end"))
                )
            time.sleep(0.5)
        if driver.returncode != 0:
            raise RuntimeError(f"the sweep ended with {driver.returncode}")
        (state,) = Path(folder).glob("repr-sweep-*/ray/tune/experiment_state-*.json")
        state_bytes = state.stat().st_size
    total = samples[-1][3]
    during = [sample for sample in samples if 1 <= sample[3] < total]
    first, last = during[0], during[-1]
    return {
        "wall_s": last[0] - first[0],
        "cpu_s": last[1] - first[1],
        "epochs": last[2] - first[2],
        "trials": last[3] - first[3],
        "state_bytes_per_trial": state_bytes / total,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, nargs=2, default=(400, 4), metavar=("EPOCHS", "SEEDS"))
    parser.add_argument("--many", type=int, nargs=2, default=(2, 40), metavar=("EPOCHS", "SEEDS"))
    arguments = parser.parse_args()
    machine = describe_machine(
        f"python tests/benchmarks/bench_driver.py {' '.join(sys.argv[1:])}".rstrip(),
        packages=("ray", "mlflow"),
    )
    runs = [drive(epochs=epochs, seeds=seeds) for epochs, seeds in (arguments.few, arguments.many)]
    # seconds = a * epochs + b * trials, from two sweeps that differ in both
    per_epoch_s, per_trial_s = np.linalg.solve(
        [[run["epochs"], run["trials"]] for run in runs], [run["cpu_s"] for run in runs]
    )
    lines = [
        "# What driving a sweep costs",
        "",
        machine,
        "",
        "CPU time of the driver alone, between the first and the last end of a trial; two trials at once.",
        "",
        "| sweep | epochs | trials | wall | CPU |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, run in zip(("long trials", "short trials"), runs, strict=True):
        lines.append(
            f"| {name} | {run['epochs']:.0f} | {run['trials']:.0f} | {run['wall_s']:.1f} s | {run['cpu_s']:.1f} s |"
        )
    lines += [
        "",
        f"So an epoch costs the driver {1000 * per_epoch_s:.1f} ms of CPU, and a trial {1000 * per_trial_s:.0f} ms."
        f" Tune's state of a sweep has {runs[1]['state_bytes_per_trial'] / 1000:.1f} kB a trial.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "driver.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
