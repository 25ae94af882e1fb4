"""Table 8.3 on the shipped knowledge base: four memory networks, three hops, two label counts, with intervals.

    python tests/benchmarks/measure_memory_tables.py [--seeds 8] [--variant-seeds 5] [--keep FOLDER]
        [--trials OUTPUT_DIR/trials] [--only-train SEED]

Trains what `thesis.experiments.condensed_memory_tables` declares at the scale "small", every network with the same
notes, epochs and settings, the condensed network with other starts, responses, addressings and keys, and the
positive control (`memory_control`). Needs ``tests/support`` on the path.
Metrics of the test part are means over seeds with the 95% interval of Student's t; the condensed network is compared
with each other network paired by seed (mean difference, interval, p of the paired t-test, p after Holm's
correction over the comparisons of a column). "Could have seen" is the smallest true difference that so many seeds
decide in 80 %. ``--keep`` holds finished trials, ``--trials`` takes those that ``thesis reproduce`` keeps in its
output folder, ``--only-train`` trains those of one seed and prints nothing else.
"""

import argparse
import dataclasses
import itertools
import json
import sys
import time
from functools import cache
from pathlib import Path

from machine import describe_machine
from measure_repr_tables import holm, interval, paired
from memory_control import control_lines, detectable
from trial_cache import Outcome, key_of, outcomes_of

from thesis.experiments.condensed_memory_tables import COLUMNS, DECLARED, HOPS, LABELS, MODELS, run_name
from thesis.experiments.declared import declared_trials
from thesis_workloads.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.condensed_memory.data import DATA_FIELDS, load
from thesis_workloads.condensed_memory.model import MemoryNetwork
from thesis_workloads.condensed_memory.train import build_network, train
from thesis_workloads.datasets.clinical_notes import ClinicalNotes
from thesis_workloads.reporting import MemoryReporter

RESULTS = Path(__file__).parent / "results" / "memory_tables.md"
WRITTEN_BY_HAND = "## What changed on"
VARIANTS = {
    "uniform start": {"condensing_init": "uniform"},
    "condensed state alone": {"response": "condensed"},
    "both, as until 27 November": {"response": "condensed", "condensing_init": "uniform"},
    "equation 8.4 as printed": {"condensation": "printed"},
    "softmax addressing": {"addressing": "softmax"},
    "sigmoid addressing": {"addressing": "sigmoid"},
    "titles as keys": {"keys": "titles"},
}
HEADINGS = {"auc": "macro AUC", "ap5": "P@5", "hamming": "Hamming loss (lower is better)"}
Runs = dict[str, list[Outcome]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--variant-seeds", type=int, default=5)
    parser.add_argument("--scale", default="small", choices=("smoke", "small"))
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--trials", type=Path, default=None)
    parser.add_argument("--only-train", type=int, default=None, metavar="SEED")
    arguments = parser.parse_args()
    planned = planned_runs(arguments.scale, arguments.seeds, arguments.variant_seeds)
    wanted = [config for many in planned.values() for config in many]
    if arguments.only_train is not None:
        wanted = [config for config in wanted if config.seed == arguments.only_train]
    kept = {} if arguments.trials is None else kept_trials(arguments.trials)
    outcomes = outcomes_of(
        wanted, lambda config: kept.get(key_of(config)) or run_one(config), keep=arguments.keep
    )
    if arguments.only_train is not None:
        return
    runs = {name: [outcomes[config] for config in many] for name, many in planned.items()}
    control = control_lines(seeds=arguments.variant_seeds, keep=arguments.keep)
    text = "\n".join([*report(planned, runs), *control]) + "\n"
    print(text)
    if arguments.scale == "small":
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text + written_by_hand(RESULTS), encoding="utf-8")


def written_by_hand(page: Path) -> str:
    """Returns the end of the page that no program writes, from its heading on."""
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    _, heading, rest = old.partition(WRITTEN_BY_HAND)
    return heading + rest


def planned_runs(scale: str, seeds: int, variant_seeds: int) -> dict[str, list[CondensedMemoryConfig]]:
    planned: dict[str, list[CondensedMemoryConfig]] = {}
    for trial in declared_trials(DECLARED["table-8.3"], scale=scale, num_seeds=seeds):
        planned.setdefault(trial.run, []).append(dataclasses.replace(trial.config, device="cpu"))
    start = planned[run_name("c-memnn", HOPS[0], LABELS["c50"])][:variant_seeds]
    for name, changes in VARIANTS.items():
        planned[name] = [dataclasses.replace(config, **changes) for config in start]
    return planned


@cache
def data_of(**settings: object) -> ClinicalNotes:
    return load(CondensedMemoryConfig(**settings), None)


def run_one(config: CondensedMemoryConfig) -> Outcome:
    data = data_of(**{field: getattr(config, field) for field in DATA_FIELDS})
    reporter = MemoryReporter(keep_state=False)
    started = time.process_time()
    network = train(config, data, reporter)
    seconds = time.process_time() - started
    return described(network, data, rows=reporter.rows, seconds=seconds)


def kept_trials(folder: Path) -> dict[str, Outcome]:
    """Returns the outcomes of trials that `thesis reproduce` has kept, by the key of their configuration."""
    found = {}
    for path in sorted(folder.glob("condensed-memory-*.json")):
        stored = json.loads(path.read_text(encoding="utf-8"))
        config = CondensedMemoryConfig(**{**stored["config"], "device": "cpu"})
        data = data_of(**{field: getattr(config, field) for field in DATA_FIELDS})
        seconds = sum(row["time/epoch_s"] for row in stored["history"])
        found[key_of(config)] = described(
            build_network(config, data), data, rows=stored["history"], seconds=seconds
        )
    return found


def described(
    network: MemoryNetwork, data: ClinicalNotes, *, rows: list[dict[str, float]], seconds: float
) -> Outcome:
    return {
        "seconds": seconds,
        "rows": rows,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "notes": [len(part) for part in (data.train, data.val, data.test)],
        "coverage": data.coverage,
        "per_note": float(data.test.labels.sum(1).mean()),
    }


def report(planned: dict[str, list[CondensedMemoryConfig]], runs: Runs) -> list[str]:
    first = next(iter(planned.values()))[0]
    seconds = [outcome["seconds"] for many in runs.values() for outcome in many]
    notes = next(iter(runs.values()))[0]["notes"]
    lines = [
        "# Memory networks on generated notes: table 8.3",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "numpy", "scipy")),
        "",
        f"{notes[0]:,} notes to train on, {notes[1]} held out, {notes[2]} tested, about {first.num_diseases}"
        f" diseases; {first.num_articles} articles; {first.epochs} epochs of Adam at {first.learning_rate:g};"
        f" {first.addressing} addressing; {len(next(iter(runs.values())))} seeds, which vary weights, order and"
        f" dropout, not the notes. {len(seconds)} trials took {sum(seconds):.0f} s in all.",
        "",
    ]
    available = [labels for labels in LABELS.values() if run_name("c-memnn", HOPS[0], labels) in runs]
    for labels in available:
        lines += scores_table(runs, labels)
        lines += leads_table(runs, labels)
    return [*lines, *hops_table(runs, available), *variants_table(runs), *cost_table(runs)]


def values(many: list[Outcome], metric: str) -> list[float]:
    return [outcome["rows"][-1][metric] for outcome in many]


def shown(numbers: list[float]) -> str:
    mean, half = interval(numbers)
    return f"{mean:.4f} ±{half:.4f}"


def hops_in(runs: Runs, labels: int) -> list[int]:
    return [hops for hops in HOPS if run_name("c-memnn", hops, labels) in runs]


def scores_table(runs: Runs, labels: int) -> list[str]:
    lines = [f"## {labels} labels", ""]
    lines += [f"| hops | model | {' | '.join(HEADINGS.values())} | R@5 |", "|---|---|---:|---:|---:|---:|"]
    for hops, model in itertools.product(hops_in(runs, labels), MODELS):
        many = runs[run_name(model, hops, labels)]
        cells = [shown(values(many, metric)) for metric in (*COLUMNS.values(), "test/recall_at_5")]
        lines.append(f"| {hops} | {model} | {' | '.join(cells)} |")
    one = many[0]["rows"][-1]
    lines += [
        f"| | labels by frequency | 0.5000 | {one['test/precision_at_5_by_frequency']:.4f} | |"
        f" {one['test/recall_at_5_by_frequency']:.4f} |",
        f"| | no label at all | | | {one['test/hamming_loss_all_negative']:.4f} | |",
        f"| | ceiling | 1.0000 | {one['test/precision_at_5_ceiling']:.4f} | 0.0000 | |",
        "",
        f"AUC counts {one['test/auc_labels_counted']:.0f} labels; {one['test/auc_labels_left_out']:.0f} have one"
        f" class only in the test part. A tested note has {many[0]['per_note']:.2f} of the labels on average, and"
        f" {100 * many[0]['coverage']:.1f}% of all notes have at least one.",
        "",
    ]
    return lines


def leads_table(runs: Runs, labels: int) -> list[str]:
    others = [model for model in MODELS if model != "c-memnn"]
    lines = [f"## The condensed network less the others, {labels} labels", ""]
    headings = " | ".join(f"{model} | p (Holm) | could have seen" for model in others)
    lines += [f"| metric | hops | {headings} |", "|---|---|" + "---:|" * 3 * len(others)]
    for column, metric in COLUMNS.items():
        tests = {
            (hops, model): paired(
                values(runs[run_name("c-memnn", hops, labels)], metric),
                values(runs[run_name(model, hops, labels)], metric),
            )
            for hops in hops_in(runs, labels)
            for model in others
        }
        corrected = holm({f"{hops}-{model}": test[2] for (hops, model), test in tests.items()})
        for hops in hops_in(runs, labels):
            cells = []
            for model in others:
                mean, half, _ = tests[hops, model]
                pair = (values(runs[run_name(name, hops, labels)], metric) for name in ("c-memnn", model))
                seen = detectable(*pair)
                cells.append(f"{mean:+.4f} ±{half:.4f} | {corrected[f'{hops}-{model}']:.3f} | {seen:.4f}")
            lines.append(f"| {HEADINGS[column]} | {hops} | {' | '.join(cells)} |")
    return [*lines, ""]


def hops_table(runs: Runs, available: list[int]) -> list[str]:
    if len(hops_in(runs, available[0])) < 2:
        return []
    lines = ["## Five hops less three of the same model, paired by seed", ""]
    lines += [f"| labels | model | {' | '.join(HEADINGS.values())} |", "|---|---|---:|---:|---:|"]
    for labels, model in itertools.product(available, MODELS):
        cells = []
        for metric in COLUMNS.values():
            many = (values(runs[run_name(model, hops, labels)], metric) for hops in (HOPS[-1], HOPS[0]))
            mean, half, p = paired(*many)
            cells.append(f"{mean:+.4f} ±{half:.4f} (p {p:.3f})")
        lines.append(f"| {labels} | {model} | {' | '.join(cells)} |")
    return [*lines, ""]


def variants_table(runs: Runs) -> list[str]:
    start = runs[run_name("c-memnn", HOPS[0], LABELS["c50"])][: len(runs[next(iter(VARIANTS))])]
    lines = [
        f"## Variants of the condensed network: three hops, the fewer labels, {len(start)} seeds",
        "",
        f"| variant | held-out AUC | {' | '.join(HEADINGS.values())} | AUC less the first |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, many in {"as in the table": start, **{n: runs[n] for n in VARIANTS}}.items():
        mean, half, p = paired(values(many, "test/auc"), values(start, "test/auc"))
        against = "" if many is start else f"{mean:+.4f} ±{half:.4f} (p {p:.3f})"
        cells = [shown(values(many, metric)) for metric in ("val/auc", *COLUMNS.values())]
        lines.append(f"| {name} | {' | '.join(cells)} | {against} |")
    return [*lines, ""]


def cost_table(runs: Runs) -> list[str]:
    lines = ["## Parameters, cost and overfitting", ""]
    lines += ["| run | parameters | s a trial | held-out P@5, last epoch | best epoch |"]
    lines += ["|---|---:|---:|---:|---:|"]
    for name, many in runs.items():
        cost, _ = interval([outcome["seconds"] for outcome in many])
        last = values(many, "val/precision_at_5")
        best = [max(row["val/precision_at_5"] for row in outcome["rows"]) for outcome in many]
        lines.append(
            f"| {name} | {many[0]['parameters']:,} | {cost:.1f} | {interval(last)[0]:.4f} |"
            f" {interval(best)[0]:.4f} |"
        )
    return [*lines, ""]


if __name__ == "__main__":
    main()
