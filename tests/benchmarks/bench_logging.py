"""What tracking costs: the same training with and without it, and what a point costs by the size of a request.

    python tests/benchmarks/bench_logging.py [--epochs 100] [--repeats 3]

One thread trains C^3(32) on 300 digits, whose epochs are as short as they come, and in the same process the journal
is written and carried into MLflow, each timed by the CPU of its own thread: into a sqlite file, and through `mlflow
server` with sqlite and, where it and the extra `postgres` are installed, PostgreSQL behind it. In a sweep the sender
has a process of its own (the driver's), so that this is the worst case. Ways take turns, so that a slow minute meets
them all. Results: results/logging.md.
"""

import argparse
import contextlib
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import psutil
import torch
from machine import describe_machine
from mlflow import MlflowClient
from mlflow.entities import Metric

from thesis.tracking.journal import Journal
from thesis.tracking.mlflow.sender import Destination, JournalSender
from thesis.tracking.mlflow.store import open_experiment
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.readers.splits import load_images
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.train import train

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import servers

BATCHES = (1, 10, 100, 1000)
NONE = "no tracking"


@dataclass(frozen=True)
class Place:
    """Where points go, and whose process takes them in."""

    uri: str
    folder: Path
    server: psutil.Process | None

    def server_cpu_s(self) -> float:
        if self.server is None:
            return 0.0
        total = 0.0
        for process in [self.server, *self.server.children(recursive=True)]:
            times = process.cpu_times()
            total += times.user + times.system
        return total


class JournalReporter:
    """Writes each epoch as the process that drives a sweep does."""

    def __init__(self, journal: Journal) -> None:
        self.cpu_s = 0.0
        self._journal = journal

    def report(self, metrics, *, state=None) -> None:
        began = time.thread_time()
        self._journal.epoch("trial", metrics)
        self.cpu_s += time.thread_time() - began

    def resume(self) -> None:
        return None


class TimedSender(JournalSender):
    """Keeps the CPU seconds of its thread, which training beside it does not touch."""

    cpu_s = 0.0

    def _work(self) -> None:
        super()._work()
        self.cpu_s = time.thread_time()


@contextlib.contextmanager
def places() -> Iterator[dict[str, Place]]:
    with contextlib.ExitStack() as stack:
        found = {}
        for name in ("sqlite", "server on sqlite", "server on PostgreSQL"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store = f"sqlite:///{folder / 'mlflow.db'}"
            if name.endswith("PostgreSQL"):
                programs = servers.database_programs()
                if programs is None or importlib.util.find_spec("psycopg") is None:
                    continue
                store = stack.enter_context(servers.database(programs))
            open_experiment(store, name="repr", output_dir=folder, tags={})
            if name == "sqlite":
                found[name] = Place(store, folder, None)
                continue
            server = stack.enter_context(servers.tracking_server(store, folder))
            found[name] = Place(server.uri, folder, psutil.Process(server.process.pid))
        yield found


def time_training(config: RePrConfig, data, place: Place | None, number: int) -> dict[str, float]:
    """Returns seconds of one training, and the CPU seconds that tracking took until its last point had arrived."""
    wall = time.perf_counter()
    if place is None:
        reporter = MemoryReporter(keep_state=False)
        train(config, data, reporter)
        return {
            "trained_s": time.perf_counter() - wall,
            "points": sum(map(len, reporter.rows)),
        }
    client = MlflowClient(place.uri)
    experiment = client.get_experiment_by_name("repr").experiment_id
    path = place.folder / f"{number}.jsonl"
    journal = Journal(path)
    destination = Destination(
        uri=place.uri, experiment_id=experiment, key=f"bench-{number}", name="bench", parent_run_id=None, tags={},
        dataset={"name": "digits", "version": "1", "digest": "0"},
    )  # fmt: skip
    sender, reporter = TimedSender(path, destination), JournalReporter(journal)
    served = place.server_cpu_s()
    wall = time.perf_counter()
    sender.start()
    journal.start("trial", name="bench", config={"seed": 0}, is_baseline=False)
    train(config, data, reporter)
    trained_s = time.perf_counter() - wall
    journal.end("trial", status="finished")
    if not sender.close():
        raise RuntimeError(f"not everything arrived: {sender.last_error}")
    return {
        "trained_s": trained_s,
        "journal_s": reporter.cpu_s,
        "sender_s": sender.cpu_s,
        "server_cpu_s": place.server_cpu_s() - served,
    }


def time_requests(place: Place, *, size: int, seconds: float) -> tuple[float, float]:
    """Returns milliseconds per request of so many points: of the clock, and of CPU here and in the server."""
    client = MlflowClient(place.uri)
    run_id = client.create_run(client.get_experiment_by_name("repr").experiment_id).info.run_id
    started, count = time.perf_counter(), 0
    cpu_s = time.process_time() + place.server_cpu_s()
    while time.perf_counter() - started < seconds:
        now_ms = int(time.time() * 1000)
        points = [Metric(f"val/m{index % 10}", 0.5, now_ms, count * size + index) for index in range(size)]
        client.log_batch(run_id, metrics=points)
        count += 1
    spent_s = time.perf_counter() - started
    return 1000 * spent_s / count, 1000 * (time.process_time() + place.server_cpu_s() - cpu_s) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of requests, per size and place")
    arguments = parser.parse_args()
    machine = describe_machine(
        f"python tests/benchmarks/bench_logging.py {' '.join(sys.argv[1:])}".rstrip(),
        packages=("torch", "mlflow"),
    )
    torch.set_num_threads(1)
    config = RePrConfig(epochs=arguments.epochs, s1=10, s2=5, n=3)
    data = load_images(
        config.data,
        data_dir=None,
        num_train=config.num_train,
        num_val=config.num_val,
        label_noise=config.label_noise,
    )
    with places() as found:
        ways = {NONE: None, **found}
        took: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        for number in range(arguments.repeats + 1):
            for name, place in ways.items():
                one = time_training(config, data, place, number)
                if number > 0:  # the first of each imports and connects
                    took[name].append(one)
        sizes = {
            name: [time_requests(place, size=size, seconds=arguments.seconds) for size in BATCHES]
            for name, place in found.items()
        }
    text = written(machine, config, took, sizes)
    print(text)
    target = Path(__file__).parent / "results" / "logging.md"
    target.write_text(text, encoding="utf-8")


def written(machine, config, took, sizes) -> str:
    def middle(name, key):
        return statistics.median(one[key] for one in took[name])

    points = int(took[NONE][0]["points"])
    lines = [
        "# What tracking costs",
        "",
        machine,
        "",
        f"One training of {config.epochs} epochs (C^3(32) on 300 digits) with {points} points, one thread, journal and"
        f" sender in the same process; medians of {len(took[NONE])} turns. CPU time of the journal and of the sender's"
        " thread until the last point has arrived, and its share of the training without tracking. The server is a"
        " process of its own.",
        "",
        "| points go to | training | CPU: journal | sender | share | server |",
        "|---|---:|---:|---:|---:|---:|",
        f"| {NONE} | {middle(NONE, 'trained_s'):.2f} s |  |  |  |  |",
    ]
    for name in sizes:
        journal_s, sender_s = middle(name, "journal_s"), middle(name, "sender_s")
        share = 100 * (journal_s + sender_s) / middle(NONE, "trained_s")
        server = f"{middle(name, 'server_cpu_s'):.2f} s" if name.startswith("server") else ""
        lines.append(
            f"| {name} | {middle(name, 'trained_s'):.2f} s | {journal_s:.3f} s | {sender_s:.3f} s"
            f" | {share:.1f} % | {server} |"
        )
    lines += [
        "",
        "A request of so many points, one after the other: CPU of the process and the server (not of a database), and"
        " in brackets by the clock.",
        "",
    ]
    lines += [f"| points go to | {' | '.join(f'{size} points' for size in BATCHES)} |"]
    lines += ["|---|" + "---:|" * len(BATCHES)]
    for name, cells in sizes.items():
        shown = " | ".join(f"{cpu_ms:.1f} ms ({spent_ms:.0f} ms)" for spent_ms, cpu_ms in cells)
        lines.append(f"| {name} | {shown} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
