"""Tables 5.1, 5.2, 5.3 and figure 5.4 on a set that is here, with intervals and paired tests over seeds.

    python tests/benchmarks/measure_repr_tables.py [--seeds 10] [--processes 2] [--tables table-5.1 ...]

Runs what `thesis.experiments.repr_tables` declares at the scale "small" (300 digits, 30 % of their labels random), each
configuration once however many tables it is in, in processes of one thread. A configuration counts with the
mean of its test accuracy and the 95% interval of Student's t over seeds; against standard training the
differences are paired by seed (same first weights, same order of images): mean, interval, p of the paired
t-test, and p after Holm's correction over the table. Seeds vary weights and order, not the images.

Beside the tables, of the networks of standard and RePr (ortho) training: agreement of every metric with the
greedy oracle (figure 5.3), mean canonical correlation of the filters (figures 5.2, 5.11), the shares pruned
per layer, and the gap between training and test accuracy.

About 4 s a run of 100 epochs and 9 to 18 s with a teacher, on a quiet core: 12 minutes for ten seeds on two.
"""

import argparse
import dataclasses
import math
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from machine import describe_machine
from scipy import stats

from thesis.experiments.declared import declared_trials
from thesis.experiments.repr_figures import FIGURES
from thesis.experiments.repr_tables import DECLARED as DECLARED_TABLES
from thesis_workloads.datasets.images import ImageSplits
from thesis_workloads.datasets.splits import load_images
from thesis_workloads.reporting import MemoryReporter
from thesis_workloads.repr.analysis import agreements, pruned_shares
from thesis_workloads.repr.config import RePrConfig
from thesis_workloads.repr.correlation import activation_maps, filter_correlations
from thesis_workloads.repr.networks import prunable_convs
from thesis_workloads.repr.ranking import METRICS, Ranking
from thesis_workloads.repr.train import train

RESULTS = Path(__file__).parent / "results" / "repr_tables_small.md"
DECLARED = {**DECLARED_TABLES, **FIGURES}
TABLES = ("table-5.1", "table-5.2", "table-5.3", "figure-5.4")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run came to."""

    config: RePrConfig
    accuracy: float  # test, 0..1
    gap: float  # training minus test accuracy
    seconds: float
    pruned: dict[str, tuple[float, ...]]
    analyses: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--scale", default="small", choices=("smoke", "small"))
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(DECLARED))
    parser.add_argument("--epochs", type=int, default=0, help="shorter runs, to try the script")
    parser.add_argument("--output", type=Path, default=RESULTS, help="empty for none")
    arguments = parser.parse_args()
    trials = {
        name: declared_trials(DECLARED[name], scale=arguments.scale, num_seeds=arguments.seeds)
        for name in arguments.tables
    }
    if arguments.epochs:
        trials = {
            name: [
                dataclasses.replace(each, config=shortened(each.config, arguments.epochs)) for each in many
            ]
            for name, many in trials.items()
        }
    configs = list(dict.fromkeys(trial.config for many in trials.values() for trial in many))
    started = time.perf_counter()
    outcomes = dict(zip(configs, run_all(configs, arguments.processes), strict=True))
    lines = [
        "# RePr on small data: tables 5.1 to 5.3 and figure 5.4",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "numpy", "scipy")),
        f"{len(configs)} runs in {time.perf_counter() - started:.0f} s on {arguments.processes} processes.",
        "",
    ]
    for name, many in trials.items():
        lines += table(name, {trial.run: [] for trial in many}, many, outcomes)
    lines += analyses_of(outcomes.values())
    print("\n".join(lines))
    if arguments.output.name:
        arguments.output.parent.mkdir(exist_ok=True)
        arguments.output.write_text("\n".join(lines) + "\n")


def shortened(config: RePrConfig, epochs: int) -> RePrConfig:
    taught_for = max(1, epochs // 2) if config.teacher_epochs else 0
    return dataclasses.replace(config, epochs=max(epochs, config.n), s1=2, s2=1, teacher_epochs=taught_for)


def run_all(configs: list[RePrConfig], processes: int) -> list[Outcome]:
    outcomes = []
    with multiprocessing.get_context("spawn").Pool(
        processes, initializer=torch.set_num_threads, initargs=(1,)
    ) as pool:
        for number, outcome in enumerate(pool.imap(run_one, configs), start=1):
            outcomes.append(outcome)
            print(f"\r{number} of {len(configs)} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


@cache
def images(name: str, num_train: int, num_val: int, label_noise: float) -> ImageSplits:
    return load_images(name, data_dir=None, num_train=num_train, num_val=num_val, label_noise=label_noise)


def run_one(config: RePrConfig) -> Outcome:
    data = images(config.data, config.num_train, config.num_val, config.label_noise)
    reporter = MemoryReporter(keep_state=False)
    started = time.perf_counter()
    network = train(dataclasses.replace(config, device="cpu"), data, reporter)
    last = reporter.rows[-1]
    return Outcome(
        config=config,
        accuracy=last["test/accuracy"],
        gap=last["train/accuracy"] - last["test/accuracy"],
        seconds=time.perf_counter() - started,
        pruned=pruned_shares(reporter.rows),
        analyses=analyse(config, network, data) if is_analysed(config) else {},
    )


def kind_of(config: RePrConfig) -> str:
    return f"{config.scheme}" + (f" ({config.metric})" if config.scheme == "repr" else "")


def is_analysed(config: RePrConfig) -> bool:
    """Standard training and RePr with the text's settings, nothing else changed."""
    has_extras = config.ortho_loss > 0 or config.teacher != "none" or config.p != RePrConfig().p
    return not has_extras and kind_of(config) in ("standard", "repr (ortho)")


def analyse(config: RePrConfig, network: torch.nn.Module, data: ImageSplits) -> dict[str, float]:
    convs = prunable_convs(config.model, network)
    ranking = Ranking(
        network=network,
        convs=convs,
        images=data.val.images,
        labels=data.val.labels,
        train_images=data.train.images,
        train_labels=data.train.labels,
        seed=config.seed,
        round=1,
        score_scale="none",
        variant="text",
        rank_first_conv=True,
    )
    found: dict[str, float] = {}
    others = [metric for metric in METRICS if metric != "oracle"]
    for metric, agreement in agreements(others, ranking).items():
        found |= {f"values/{metric}": agreement.values, f"ranks/{metric}": agreement.ranks}
    for name, maps in activation_maps(network, convs, data.val.images).items():
        correlations = filter_correlations(maps, cells=3)
        others_only = ~torch.eye(len(correlations), dtype=torch.bool)
        found[f"cca/{name}"] = correlations.mean(2)[others_only].mean().item()
    return found


def table(
    name: str, values: dict[str, list[float]], many: list[Any], outcomes: dict[RePrConfig, Outcome]
) -> list[str]:
    found: dict[str, list[Outcome]] = {run: [] for run in values}
    for trial in many:
        found[trial.run].append(outcomes[trial.config])
    baseline, *others = found
    start = [each.accuracy for each in found[baseline]]
    tests = {run: paired([each.accuracy for each in found[run]], start) for run in others}
    corrected = holm({run: test[2] for run, test in tests.items()})
    rows = [
        f"## {name}: {DECLARED[name].title}",
        "",
        f"| run | test accuracy, % | 95% | over {baseline} | 95% | p | p (Holm) | gap, % | s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run, each in found.items():
        accuracies = [100 * outcome.accuracy for outcome in each]
        mean, half = interval(accuracies)
        gap = statistics.fmean(100 * outcome.gap for outcome in each)
        seconds = statistics.fmean(outcome.seconds for outcome in each)
        compared = ["", "", "", ""]
        if run in tests:
            gain, width, p = tests[run]
            compared = [f"{100 * gain:+.2f}", f"±{100 * width:.2f}", f"{p:.3f}", f"{corrected[run]:.3f}"]
        rows.append(
            f"| {run} | {mean:.2f} | ±{half:.2f} | {' | '.join(compared)} | {gap:.2f} | {seconds:.1f} |"
        )
    return [*rows, ""]


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half width of the 95% interval; NaN for a single value, and both where a value is."""
    if len(values) < 2:
        return statistics.fmean(values), math.nan
    width = stats.t.ppf(0.975, len(values) - 1) * statistics.stdev(values) / len(values) ** 0.5
    return statistics.fmean(values), float(width)


def paired(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """Mean difference, half width of its interval, and p of the paired t-test (1 where all are equal)."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    mean, half = interval(differences)
    if len(differences) < 2:
        return mean, half, math.nan
    if len(set(differences)) == 1:
        return mean, half, 1.0 if differences[0] == 0 else math.nan
    return mean, half, float(stats.ttest_1samp(differences, 0).pvalue)


def holm(ps: dict[str, float]) -> dict[str, float]:
    """Corrected p values; NaN stays NaN."""
    corrected, largest = dict.fromkeys(ps, math.nan), 0.0
    known = sorted((p, run) for run, p in ps.items() if not math.isnan(p))
    for rank, (p, run) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        corrected[run] = largest
    return corrected


def analyses_of(outcomes: Iterable[Outcome]) -> list[str]:
    by_kind: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.analyses:
            by_kind.setdefault(kind_of(outcome.config), []).append(outcome)
    lines = []
    for kind, many in by_kind.items():
        keys = list(many[0].analyses)
        means = {key: interval([each.analyses[key] for each in many]) for key in keys}
        lines += [f"## Networks after {kind}: {len(many)} seeds, mean and 95% interval", ""]
        lines += ["| metric | Pearson of values with the oracle | of ranks |", "|---|---:|---:|"]
        for metric in (key.removeprefix("values/") for key in keys if key.startswith("values/")):
            both = (means[f"values/{metric}"], means[f"ranks/{metric}"])
            lines.append(f"| {metric} | " + " | ".join(f"{m:.2f} ±{h:.2f}" for m, h in both) + " |")
        layers = {key.removeprefix("cca/"): means[key] for key in keys if key.startswith("cca/")}
        lines += ["", "Mean canonical correlation between filters (3x3 cells): "]
        lines[-1] += ", ".join(f"{name} {m:.3f} ±{h:.3f}" for name, (m, h) in layers.items()) + "."
        if many[0].pruned:
            shares = {
                name: [100 * share for each in many for share in each.pruned[name]] for name in many[0].pruned
            }
            told = ", ".join(f"{name} {statistics.fmean(found):.0f}%" for name, found in shares.items())
            lines += ["", f"Pruned per layer, mean over rounds: {told}."]
        lines.append("")
    return lines


if __name__ == "__main__":
    main()
