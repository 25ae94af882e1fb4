"""Preparing a made-up NOTEEVENTS of two million rows: time, rows, and the most memory of all processes.

Usage:

    python tests/benchmarks/bench_prepare_notes.py [--rows 2000000] [--folder /tmp/notes]

One row in 33 is a discharge summary of about 1,500 words, as in MIMIC-III; the others are shorter notes.
The memory is the sum, over every process that this one started, of its private pages, and of the shared
ones once (proportional set size). The plain reader is timed on the same file, without any Parquet. A file that lies
in --folder is used as it is, so that it can be made before the machine has to be quiet.
"""

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from machine import describe_machine

from thesis.execution.cluster.connection import ray_session
from thesis.execution.preparation.clinical_notes import prepare_notes
from thesis.execution.preparation.streaming import STREAMING
from thesis_workloads.datasets.csv_rows import ParseErrors
from thesis_workloads.datasets.notes.discharge_notes import read_discharge_summaries

RESULTS = Path(__file__).parent / "results" / "prepare_notes.md"
HEADER = "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,ISERROR,TEXT\n"
SUMMARY_EVERY, SUMMARY_WORDS, OTHER_WORDS = 33, 1_500, 250
BROKEN_EVERY = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument(
        "--only-write-data", action="store_true", help="make the file in --folder, time nothing"
    )
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "NOTEEVENTS.csv").exists():
        write_file(folder / "NOTEEVENTS.csv", arguments.rows)
    if arguments.only_write_data:
        return
    lines = [*heading(), *measure(folder)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    if arguments.folder is None:
        shutil.rmtree(folder)


def write_file(path: Path, num_rows: int) -> None:
    draws = random.Random(0)
    words = ["".join(draws.choices("abcdefghijklmnop", k=draws.randint(2, 10))) for _ in range(50_000)]
    texts = {size: [text_of(words, size, draws) for _ in range(50)] for size in (SUMMARY_WORDS, OTHER_WORDS)}
    with path.open("w") as file:
        file.write(HEADER)
        for row in range(1, num_rows + 1):
            is_summary = row % SUMMARY_EVERY == 0
            category = "Discharge summary" if is_summary else "Nursing"
            text = draws.choice(texts[SUMMARY_WORDS if is_summary else OTHER_WORDS])
            closing = "" if row % BROKEN_EVERY == 0 else '"'
            file.write(
                f'{row},{row // 40},{row // 35},2151-08-04,,,"{category}","Report",,,"{text}{closing}\n'
            )


def text_of(words: list[str], size: int, draws: random.Random) -> str:
    chosen = draws.choices(words, k=size)
    return "".join(word + ("\n" if place % 12 == 11 else " ") for place, word in enumerate(chosen))


def heading() -> list[str]:
    command = f"python {' '.join(sys.argv)}"
    return [
        "# Preparing NOTEEVENTS",
        "",
        describe_machine(command, packages=("ray", "pyarrow")),
        "",
        "| way | rows | file, GB | notes | seconds | most memory, GB |",
        "|---|---:|---:|---:|---:|---:|",
    ]


def measure(folder: Path) -> list[str]:
    path = folder / "NOTEEVENTS.csv"
    size = f"{path.stat().st_size / 1e9:.2f}"
    with ray_session(dashboard=False, limits=STREAMING), most_memory() as most:
        started = time.perf_counter()
        done = prepare_notes(folder)
        seconds = time.perf_counter() - started
    rows = [row_of("Ray Data to Parquet", done.num_rows, size, done.num_notes, seconds, most)]
    with most_memory() as most:
        started = time.perf_counter()
        num_notes = sum(1 for _ in read_discharge_summaries(path, ParseErrors("NOTEEVENTS")))
        seconds = time.perf_counter() - started
    rows.append(row_of("plain reader, one process", done.num_rows, size, num_notes, seconds, most))
    return [*rows, "", *done.problems]


def row_of(way: str, num_rows: int, size: str, notes: int, seconds: float, most: list[float]) -> str:
    return f"| {way} | {num_rows:,} | {size} | {notes:,} | {seconds:.1f} | {most[0] / 1e9:.2f} |"


@contextlib.contextmanager
def most_memory() -> Iterator[list[float]]:
    """Keeps the largest sum over this process and its descendants, sampled twice a second."""
    most = [0.0]
    is_over = threading.Event()

    def watch() -> None:
        me = psutil.Process()
        while not is_over.wait(0.5):
            total = 0
            for process in [me, *me.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
            most[0] = max(most[0], float(total))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        is_over.set()
        thread.join()


if __name__ == "__main__":
    main()
