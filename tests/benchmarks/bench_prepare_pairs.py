"""Preparing ten million made-up lines of PPDB's form: lines per second, and the most memory of all processes.

Usage:

    python tests/benchmarks/bench_prepare_pairs.py [--lines 10000000] [--folder /tmp/pairs] [--write]

A line is as long as those of the published pack (its 24 features included, about 700 characters); 3 in 10 are
syntactic, 1 in 20 has a number and 1 in 100,000 is malformed. The memory is the sum, over every process that
this one started, of its private pages, and of the shared ones once (proportional set size). The plain reader is
timed on the same file, without any Parquet and without keeping a pair. A file that lies in --folder is used as it
is, so that it can be made before the machine has to be quiet.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT / "workloads"), str(Path(__file__).parent)]

from bench_prepare_notes import most_memory  # noqa: E402
from machine import describe_machine  # noqa: E402

from thesis.execution.cluster.connection import ray_session  # noqa: E402
from thesis.execution.preparation.paraphrase_pairs import prepare_pairs  # noqa: E402
from thesis.execution.preparation.streaming import STREAMING  # noqa: E402
from thesis_workloads.datasets.text.pair_lines import LineCounts  # noqa: E402
from thesis_workloads.datasets.text.ppdb import read_ppdb  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "prepare_pairs.md"
MALFORMED_EVERY = 100_000
FEATURES = " ".join(f"Feature{number}={1 / (number + 3):.5f}" for number in range(24))


def write_file(path: Path, num_lines: int) -> None:
    draws = random.Random(0)
    words = ["".join(draws.choices("abcdefghijklmnop", k=draws.randint(2, 9))) for _ in range(40_000)]
    with path.open("w") as file:
        for line in range(1, num_lines + 1):
            if line % MALFORMED_EVERY == 0:
                file.write("[NN] ||| cut off\n")
                continue
            kind = draws.random()
            extra = " [NP,1]" if kind < 0.3 else " 7" if kind < 0.35 else ""
            one, other = (" ".join(draws.choices(words, k=draws.randint(1, 4))) for _ in range(2))
            file.write(f"[NP] ||| {one}{extra} ||| {other}{extra} ||| {FEATURES} ||| 0-0 ||| Independent\n")


def measure(path: Path) -> list[str]:
    size = path.stat().st_size / 1e9
    with ray_session(dashboard=False, limits=STREAMING), most_memory() as most:
        started = time.perf_counter()
        done = prepare_pairs("ppdb", path.parent)
        seconds = time.perf_counter() - started
    rows = [row_of("Ray Data to Parquet", done.counts, size, seconds, most[0])]
    counts = LineCounts()
    with most_memory() as most:
        started = time.perf_counter()
        for _ in read_ppdb(path, counts, max_length=0):
            pass
        seconds = time.perf_counter() - started
    rows.append(row_of("plain reader, one process", counts, size, seconds, most[0]))
    same = "the same counts" if counts == done.counts else "OTHER COUNTS"
    return [*rows, "", f"Both ways gave {same}. {done.counts}", "", *done.counts.malformed[:3]]


def row_of(way: str, counts: LineCounts, size: float, seconds: float, most: float) -> str:
    rate = counts.num_read / seconds
    return (
        f"| {way} | {counts.num_read:,} | {size:.2f} | {counts.num_kept:,} | {seconds:.1f} | {rate:,.0f} |"
        f" {most / 1e9:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help="write the results file")
    parser.add_argument(
        "--only-write-data", action="store_true", help="make the file in --folder, time nothing"
    )
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ppdb-2.0-l-all"
    heading = describe_machine(f"python {' '.join(sys.argv)}", packages=("ray", "pyarrow"))
    if not path.exists():
        write_file(path, arguments.lines)
    if arguments.only_write_data:
        return
    lines = [
        "# Preparing PPDB",
        "",
        heading,
        "",
        "| way | lines | file, GB | pairs | seconds | lines/s | most memory, GB |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *measure(path),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text, encoding="utf-8")
    if arguments.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
