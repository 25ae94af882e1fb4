"""Tables 7.4 and 7.5 on the shipped verses: four models, two depths, two beams, with intervals and p-values.

    python tests/benchmarks/measure_paraphrase_tables.py [--seeds 5] [--keep FOLDER] [--only-train SEED]

Trains what `thesis_workloads.systems.residual_lstm.tables` declares at the scale "small", every model with the
same pairs,
epochs and settings. Scores are means over seeds with the 95% interval of Student's t. Against the residual model of
the same depth: the mean difference and p of the stratified approximate randomisation test (10,000 swaps of a
sentence's outputs within a seed), after Holm's correction over a score's three comparisons. That p speaks of these very
networks on other sentences, not of other seeds: for the systems, look at the intervals. Next to the models, what
copying the source scores: a system without any learning. ``--keep`` holds finished trials, ``--only-train``
trains those of one seed and prints nothing else.
"""

import argparse
import dataclasses
import itertools
import statistics
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np
import torch
from judged_trials import verdict_lines
from machine import describe_machine
from measure_repr_tables import holm, interval
from trial_cache import Outcome, key_of, outcomes_of

from thesis.execution.measurements.paraphrases import P_VALUES_NOTE
from thesis.experiments.table_trials import declared_trials
from thesis.results.findings import DataUsed
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.metrics.significance import approximate_randomisation
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import ParaphraseData, load
from thesis_workloads.systems.residual_lstm.evaluate import make_metrics
from thesis_workloads.systems.residual_lstm.tables import DECLARED, DEPTHS, MODELS, SCORES, run_name
from thesis_workloads.systems.residual_lstm.train import beams_of, train

RESULTS = Path(__file__).parent / "results" / "paraphrase_tables.md"
NAMES = {"bleu": "BLEU", "meteor": "METEOR", "emb_greedy": "Emb Greedy", "ter": "TER (lower is better)"}
Runs = dict[str, list[Outcome]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--scale", default="small", choices=("smoke", "small"))
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--only-train", type=int, default=None, metavar="SEED")
    parser.add_argument("--finished", action="store_true", help="only the seeds that --keep has whole")
    parser.add_argument(
        "--output-dir", type=Path, default=None, help="folder for the measured tables, judged"
    )
    arguments = parser.parse_args()
    trials = declared_trials(DECLARED["table-7.4"], scale=arguments.scale, num_seeds=arguments.seeds)
    if arguments.only_train is not None:
        trials = [trial for trial in trials if trial.config.seed == arguments.only_train]
    if arguments.finished:
        lacking = {trial.config.seed for trial in trials if not is_kept(arguments.keep, on_cpu(trial.config))}
        trials = [trial for trial in trials if trial.config.seed not in lacking]
    outcomes = outcomes_of([on_cpu(trial.config) for trial in trials], run_one, keep=arguments.keep)
    if arguments.only_train is not None:
        return
    runs: Runs = {}
    for trial in trials:
        runs.setdefault(trial.run, []).append(outcomes[on_cpu(trial.config)])
    lines = report(trials[0].config, runs)
    if arguments.output_dir is not None:
        data = data_of(dataclasses.replace(on_cpu(trials[0].config), seed=0, model="residual", num_layers=4))
        lines += ["## Verdicts", ""]
        lines += verdict_lines(
            DECLARED["table-7.4"],
            {trial.config: outcomes[on_cpu(trial.config)]["rows"] for trial in trials},
            scale=arguments.scale,
            num_seeds=arguments.seeds,
            data=DataUsed(name=data.name, version=data.version, digest=data.digest),
            output_dir=arguments.output_dir,
        )
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.scale == "small":
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text, encoding="utf-8")


def is_kept(folder: Path, config: ResidualLSTMConfig) -> bool:
    return (folder / f"{key_of(config)}.pt").exists()


def on_cpu(config: ResidualLSTMConfig) -> ResidualLSTMConfig:
    return dataclasses.replace(config, device="cpu")


@cache
def data_of(config: ResidualLSTMConfig) -> ParaphraseData:
    return load(config, None)


def run_one(config: ResidualLSTMConfig) -> Outcome:
    data = data_of(dataclasses.replace(config, seed=0, model="residual", num_layers=4))
    reporter = MemoryReporter()
    started = time.process_time()
    network = train(config, data, reporter)
    assert reporter.state is not None
    return {
        "cpu_s": time.process_time() - started,
        "rows": reporter.rows,
        "statistics": reporter.state["statistics"],
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
    }


def report(config: ResidualLSTMConfig, runs: Runs) -> list[str]:
    data = data_of(dataclasses.replace(on_cpu(config), seed=0, model="residual", num_layers=4))
    metrics = make_metrics(data)
    seconds = [outcome["cpu_s"] for many in runs.values() for outcome in many]
    lines = [
        "# Paraphrase models on the shipped verses: tables 7.4 and 7.5",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "numpy", "sacrebleu")),
        "",
        f"{len(data.train):,} training pairs, {len(data.test_groups)} test sources with one reference each,"
        f" {len(data.vocabulary):,} words, {config.hidden} units, {config.epochs} epochs;"
        f" {len(next(iter(runs.values())))} seeds, which vary weights, order and dropout, not the sentences."
        f" {len(seconds)} trials took {sum(seconds):.0f} s of a core.",
        "",
        f"Implementations: {'; '.join(metric.name for metric in metrics.values())}.",
        "",
    ]
    for beam, ending in beams_of(config).items():
        lines += scores_table(runs, beam, ending, copied_scores(data))
    for beam, ending in beams_of(config).items():
        for layers in DEPTHS:
            lines += leads_table(runs, metrics, beam=beam, ending=ending, layers=layers)
    return [*lines, *variance_table(runs), *perplexity_table(runs), *depth_table(runs)]


def copied_scores(data: ParaphraseData) -> dict[str, float]:
    sources = [group[0] for group in data.test_groups]
    references = [group[1:] for group in data.test_groups]
    return {key: metric(sources, references) for key, metric in make_metrics(data).items()}


def values(many: list[Outcome], metric: str) -> list[float]:
    return [outcome["rows"][-1][metric] for outcome in many]


def shown(numbers: list[float], digits: int = 2) -> str:
    mean, half = interval(numbers)
    return f"{mean:.{digits}f} ±{half:.{digits}f}"


def scores_table(runs: Runs, beam: int, ending: str, copied: dict[str, float]) -> list[str]:
    lines = [f"## Scores with beam {beam}", ""]
    lines += [f"| layers | model | {' | '.join(NAMES.values())} |", "|---|---|---:|---:|---:|---:|"]
    for layers, model in itertools.product(DEPTHS, MODELS):
        many = runs[run_name(model, layers)]
        cells = [shown(values(many, f"test/{score}{ending}")) for score in SCORES]
        lines.append(f"| {layers} | {model} | {' | '.join(cells)} |")
    trivial = [f"{copied[score]:.2f}" for score in SCORES]
    return [*lines, f"| | the source, copied | {' | '.join(trivial)} |", ""]


def leads_table(runs: Runs, metrics: dict, *, beam: int, ending: str, layers: int) -> list[str]:
    others = [model for model in MODELS if model != "residual"]
    lines = [f"## The residual model with {layers} layers against the others, beam {beam}", ""]
    lines += ["| score | " + " | ".join(f"{model} | p | p (Holm)" for model in others) + " |"]
    lines += ["|---|" + "---:|" * 3 * len(others)]
    for score in SCORES:
        found = {
            model: approximate_randomisation(
                stacked(runs[run_name("residual", layers)], score + ending),
                stacked(runs[run_name(model, layers)], score + ending),
                metrics[score].score,
                seed=0,
            )
            for model in others
        }
        corrected = holm({model: comparison.p_value for model, comparison in found.items()})
        cells = [
            f"{comparison.difference:+.2f} | {comparison.p_value:.4f} | {corrected[model]:.4f}"
            for model, comparison in found.items()
        ]
        lines.append(f"| {NAMES[score]} | {' | '.join(cells)} |")
    lines += ["", P_VALUES_NOTE[0].upper() + P_VALUES_NOTE[1:] + "."]
    return [*lines, ""]


def stacked(many: list[Outcome], key: str) -> np.ndarray:
    return torch.stack([outcome["statistics"][key] for outcome in many]).numpy()


def variance_table(runs: Runs) -> list[str]:
    lines = ["## Variance over the test set's choice and over seeds (points squared), beam 5", ""]
    lines += [
        "| run | " + " | ".join(f"{NAMES[score].split(' (')[0]}: test set | seeds" for score in SCORES) + " |"
    ]
    lines += ["|---|" + "---:|" * 2 * len(SCORES)]
    for run, many in runs.items():
        cells = []
        for score in SCORES:
            over_sets = statistics.fmean(values(many, f"test/{score}_variance"))
            scores = values(many, f"test/{score}")
            over_seeds = statistics.variance(scores) if len(scores) > 1 else float("nan")
            cells.append(f"{over_sets:.2f} | {over_seeds:.2f}")
        lines.append(f"| {run} | {' | '.join(cells)} |")
    return [*lines, ""]


def perplexity_table(runs: Runs) -> list[str]:
    lines = ["## Perplexity after the last epoch, parameters and cost", ""]
    lines += ["| run | training (with dropout) | held out | test | parameters | s of a core |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for run, many in runs.items():
        cells = [shown(values(many, f"{part}/perplexity"), 1) for part in ("train", "val", "test")]
        cost = statistics.fmean(outcome["cpu_s"] for outcome in many)
        lines.append(f"| {run} | {' | '.join(cells)} | {many[0]['parameters']:,} | {cost:.0f} |")
    return [*lines, ""]


def depth_table(runs: Runs) -> list[str]:
    lines = ["## Four layers less two of the same model, paired by seed, beam 5", ""]
    lines += [f"| model | {' | '.join(NAMES[score] for score in SCORES)} |", "|---|---:|---:|---:|---:|"]
    for model in MODELS:
        deep, shallow = runs[run_name(model, 4)], runs[run_name(model, 2)]
        cells = []
        for score in SCORES:
            pairs = zip(values(deep, f"test/{score}"), values(shallow, f"test/{score}"), strict=True)
            cells.append(shown([one - other for one, other in pairs]))
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
