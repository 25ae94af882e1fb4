"""Tables 6.1, 5.7 and 5.8 on sets that are here, with intervals over seeds, and which questions need the image.

    python tests/benchmarks/measure_vqa_tables.py [--seeds 3] [--processes 2] [--tables table-6.1 ...]

Runs what `thesis_workloads.systems.highway_vqa.tables` declares at a scale, each configuration once however many
tables it is in, in processes of one thread. A run counts with the mean over seeds of its VQA accuracy on the test
part and the 95% interval of Student's t; against the LSTM (or standard training) differences are paired by seed.
The CPU time is that of a run divided by its epochs, evaluations included, which a busy machine changes little.
``--only-train SEED ...`` fills ``--keep`` and prints nothing; ``--output-dir`` gets the measured tables, and the
verdicts on their claims are printed. Seeds vary weights and order of the questions (and, for tables 5.7 and 5.8,
the backbone), not the images.
"""

import argparse
import dataclasses
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from judged_trials import verdict_lines
from machine import describe_machine
from measure_repr_tables import interval, paired

from thesis.execution.preparation.image_features import load
from thesis.experiments.table_trials import declared_trials
from thesis.results.findings import DataUsed
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import DATA_FIELDS, VisualQuestionData
from thesis_workloads.systems.highway_vqa.tables import DECLARED
from thesis_workloads.systems.highway_vqa.train import train

RESULTS = Path(__file__).parent / "results" / "vqa_tables.md"
COLUMNS = {
    "all": "test/accuracy",
    "yes/no": "test/accuracy_yes_no",
    "other": "test/accuracy_other",
    "number": "test/accuracy_number",
    "multiple choice": "test/accuracy_multiple_choice",
    "needs the image": "test/accuracy_image_needed",
    "confidence": "test/confidence",
}

Epochs = list[dict[str, float]]
Rows = dict[str, list[dict[str, float]]]
_loaded: dict[tuple[Any, ...], VisualQuestionData] = {}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=0, help="0 for the declared number")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--scale", default="small", choices=("smoke", "small"))
    parser.add_argument("--tables", nargs="+", default=["table-6.1", "table-5.8"], choices=list(DECLARED))
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="overrides of every run")
    parser.add_argument("--keep", type=Path, default=None, help="folder of finished runs, to go on with")
    parser.add_argument("--finished", action="store_true", help="only what --keep has; nothing is run")
    parser.add_argument(
        "--only-train", type=int, nargs="*", default=[], metavar="SEED", help="and print nothing"
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="empty for none")
    parser.add_argument(
        "--output-dir", type=Path, default=None, help="folder for the measured tables, judged"
    )
    arguments = parser.parse_args()
    trials = {
        name: declared_trials(DECLARED[name], scale=arguments.scale, num_seeds=arguments.seeds)
        for name in arguments.tables
    }
    if arguments.finished:
        trials = {
            name: [trial for trial in many if kept(arguments.keep, trial.config).exists()]
            for name, many in trials.items()
        }
    changes = overrides(arguments.set)
    configs = {
        trial.config: dataclasses.replace(trial.config, **changes)
        for many in trials.values()
        for trial in many
    }
    if arguments.only_train:
        for config in configs.values():
            if config.seed in arguments.only_train:
                run_kept(arguments.keep, config)
        return
    started = time.perf_counter()
    for config in configs.values():
        data_of(config)
    made = time.perf_counter() - started
    run = partial(run_kept, arguments.keep) if arguments.keep else run_one
    outcomes = dict(zip(configs, run_all(run, list(configs.values()), arguments.processes), strict=True))
    total = time.perf_counter() - started
    lines = [
        "# Questions about images",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "numpy", "scipy")),
        f"{len(configs)} runs in {total:.0f} s on {arguments.processes} processes, {made:.0f} s of it for data,"
        " image features and backbones.",
        "",
    ]
    for name, many in trials.items():
        rows: Rows = {}
        for trial in many:
            rows.setdefault(trial.run, []).append(outcomes[trial.config][-1])
        config = configs[many[0].config]
        costs = {
            run: f"{statistics.fmean(row['time/cpu_s'] / config.epochs for row in each):.1f}"
            for run, each in rows.items()
        }
        lines += [f"## {name}: {DECLARED[name].title}", "", about(config), "", *table(rows, costs), ""]
        lines += [*kinds_table(rows), ""]
        if arguments.output_dir is not None:
            found = {trial.config: outcomes[trial.config] for trial in many}
            data = data_of(config)
            lines += verdict_lines(
                DECLARED[name],
                found,
                scale=arguments.scale,
                num_seeds=arguments.seeds,
                data=DataUsed(name=data.name, version=data.version, digest=data.digest),
                output_dir=arguments.output_dir,
            )
            lines += [""]
    print("\n".join(lines))
    if arguments.output.name:
        arguments.output.parent.mkdir(exist_ok=True)
        arguments.output.write_text("\n".join(lines).rstrip() + "\n")


def overrides(texts: list[str]) -> dict[str, Any]:
    from thesis_workloads.contract.overrides import parse_overrides

    return parse_overrides(texts, HighwayVQAConfig)


def data_of(config: HighwayVQAConfig) -> VisualQuestionData:
    key = tuple(getattr(config, field) for field in DATA_FIELDS)
    if key not in _loaded:
        _loaded[key] = load(config, None)
    return _loaded[key]


def run_all(
    run: Callable[[HighwayVQAConfig], Epochs], configs: list[HighwayVQAConfig], processes: int
) -> list[Epochs]:
    found = []
    with multiprocessing.get_context("spawn").Pool(
        processes, initializer=torch.set_num_threads, initargs=(1,)
    ) as pool:
        for number, row in enumerate(pool.imap(run, configs), start=1):
            found.append(row)
            print(f"\r{number} of {len(configs)} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def kept(folder: Path, config: HighwayVQAConfig) -> Path:
    return folder / f"{digest(dataclasses.asdict(config), 16)}.json"


def run_kept(folder: Path, config: HighwayVQAConfig) -> Epochs:
    """The same from a file where it was run before."""
    path = kept(folder, config)
    if not path.exists():
        rows = run_one(config)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows))
    found: Epochs = json.loads(path.read_text())
    return found


def run_one(config: HighwayVQAConfig) -> Epochs:
    """Every epoch's metrics, and in the last row the CPU time of all."""
    torch.set_num_threads(1)
    data, reporter = data_of(config), MemoryReporter(keep_state=False)
    started = time.process_time()
    train(dataclasses.replace(config, device="cpu"), data, reporter)
    reporter.rows[-1]["time/cpu_s"] = time.process_time() - started
    return reporter.rows


def about(config: HighwayVQAConfig) -> str:
    data = data_of(config)
    sizes = ", ".join(f"{len(getattr(data, part)):,} {part}" for part in ("train", "val", "test"))
    return (
        f"{data.name} ({data.version}): {sizes} questions, {len(data.answers)} answers, {config.epochs} epochs,"
        f" width {config.width}."
    )


def table(rows: Rows, costs: dict[str, str]) -> list[str]:
    first = next(iter(rows.values()))[0]
    columns = {name: metric for name, metric in COLUMNS.items() if metric in first}
    baseline = next(iter(rows))
    lines = [
        f"| run | {' | '.join(columns)} | all, over {baseline} | CPU s/epoch | seeds |",
        f"|---|{'---:|' * (len(columns) + 3)}",
    ]
    for run, each in rows.items():
        cells = [shown([100 * row[metric] for row in each]) for metric in columns.values()]
        gain = ""
        if run != baseline:
            ours, theirs = (
                [100 * row["test/accuracy"] for row in many] for many in (each, rows[baseline][: len(each)])
            )
            mean, half, _ = paired(ours, theirs)
            gain = f"{mean:+.1f} ±{half:.1f}"
        lines.append(f"| {run} | {' | '.join(cells)} | {gain} | {costs.get(run, '')} | {len(each)} |")
    for name, key in (
        ("commonest answer", "test/accuracy_majority"),
        ("commonest answer of the question's type", "test/accuracy_by_type"),
    ):
        lines.append(f"| {name} | {100 * first[key]:.1f} |{' |' * (len(columns) + 2)}")
    return lines


def kinds_table(rows: Rows) -> list[str]:
    """VQA accuracy by type of question: where the question alone falls short, the image is needed."""
    first = next(iter(rows.values()))[0]
    kinds = [key for key in first if key.startswith("test/type/")]
    lines = [
        f"| question type | {' | '.join(rows)} |",
        f"|---|{'---:|' * len(rows)}",
    ]
    for kind in kinds:
        cells = [shown([100 * row[kind] for row in each]) for each in rows.values()]
        name = kind.removeprefix("test/type/").replace("_", " ")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def shown(values: list[float]) -> str:
    mean, half = interval(values)
    return f"{mean:.1f}" if len(values) < 2 else f"{mean:.1f} ±{half:.1f}"


if __name__ == "__main__":
    main()
