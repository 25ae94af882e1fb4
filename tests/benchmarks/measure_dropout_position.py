"""Dropout before or after the residual sum (section 7.4.3), at table 7.4's setting "small", paired by seed.

    python tests/benchmarks/measure_dropout_position.py [--seeds 8] [--keep FOLDER] [--only-train SEED ...]

Trains the residual models with two and four layers in both ways. The validation perplexity after the last epoch
decides: ``after-sum`` is the default if the mean over both depths, one number per seed, is lower with an interval
below zero; the scores of the test part are reported and decide nothing. Differences are ``after-sum`` less
``before-sum`` of the same seed, with the 95% interval of Student's t. The test part is decoded with beam 5 alone.
``--keep`` holds finished trials; ``--only-train`` trains those of the named seeds and prints nothing else.
"""

import argparse
import dataclasses
import itertools
import statistics
import sys
from pathlib import Path

from machine import describe_machine
from measure_paraphrase_tables import on_cpu, run_one, shown, values
from measure_repr_tables import paired
from trial_cache import Outcome, outcomes_of

from thesis.experiments.table_trials import declared_trials
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.tables import DECLARED, DEPTHS, run_name

RESULTS = Path(__file__).parent / "results" / "dropout_position.md"
POSITIONS = ("before-sum", "after-sum")
METRICS = {
    "training perplexity": "train/perplexity",
    "validation perplexity": "val/perplexity",
    "test BLEU": "test/bleu",
    "test METEOR": "test/meteor",
    "test TER": "test/ter",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--only-train", type=int, nargs="*", default=[], metavar="SEED")
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    runs = configurations(arguments.seeds)
    wanted = [config for many in runs.values() for config in many]
    if arguments.only_train:
        wanted = [config for config in wanted if config.seed in arguments.only_train]
    wanted.sort(key=lambda config: config.seed)  # an interrupted measurement has whole pairs
    outcomes = outcomes_of(wanted, run_one, keep=arguments.keep)
    if arguments.only_train:
        return
    found = {key: [outcomes[config] for config in many] for key, many in runs.items()}
    text = "\n".join(report(found, arguments.seeds)) + "\n"
    print(text)
    arguments.output.write_text(text, encoding="utf-8")


def configurations(num_seeds: int) -> dict[tuple[int, str], list[ResidualLSTMConfig]]:
    trials = declared_trials(DECLARED["table-7.4"], scale="small", num_seeds=num_seeds)
    return {
        (layers, position): [
            dataclasses.replace(on_cpu(trial.config), dropout_position=position, second_beam=0)
            for trial in trials
            if trial.run == run_name("residual", layers)
        ]
        for layers, position in itertools.product(DEPTHS, POSITIONS)
    }


def report(found: dict[tuple[int, str], list[Outcome]], num_seeds: int) -> list[str]:
    seconds = sum(outcome["cpu_s"] for many in found.values() for outcome in many)
    lines = [
        "# Dropout before or after the residual sum",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "numpy")),
        "",
        f"{num_seeds} seeds, each trained in both ways; {sum(map(len, found.values()))} trials took"
        f" {seconds:.0f} s of a core. Perplexities and scores are those after the last epoch, beam 5.",
        "",
        "| layers | measure | before the sum | after the sum | difference, paired | seeds lower |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for layers, (name, metric) in itertools.product(DEPTHS, METRICS.items()):
        before, after = (values(found[layers, position], metric) for position in POSITIONS)
        mean, half, _ = paired(after, before)
        lower = sum(one < other for one, other in zip(after, before, strict=True))
        lines.append(
            f"| {layers} | {name} | {shown(before)} | {shown(after)} | {mean:+.2f} ±{half:.2f}"
            f" | {lower} of {num_seeds} |"
        )
    metric = METRICS["validation perplexity"]
    means = [
        [
            statistics.fmean(pair)
            for pair in zip(*(values(found[n, position], metric) for n in DEPTHS), strict=True)
        ]
        for position in POSITIONS
    ]
    mean, half, p = paired(means[1], means[0])
    lower = sum(one < other for one, other in zip(means[1], means[0], strict=True))
    lines.append(
        f"| both | validation perplexity | {shown(means[0])} | {shown(means[1])} | {mean:+.2f} ±{half:.2f}, p = {p:.3f}"
        f" | {lower} of {num_seeds} |"
    )
    return lines


if __name__ == "__main__":
    main()
