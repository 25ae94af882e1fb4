"""The positive control of the memory networks: labels that only the articles tell (`article_labels`)."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from article_labels import article_label_notes
from measure_repr_tables import interval, paired
from scipy import optimize, stats
from trial_cache import Outcome, outcomes_of

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.notes.clinical_notes import ClinicalNotes
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.tables import MODELS
from thesis_workloads.systems.condensed_memory.train import train

SETTINGS = CondensedMemoryConfig(
    hops=3,
    num_labels=6,
    num_diseases=6,
    num_articles=144,
    hash_keys=4,
    embedding_dim=24,
    slot_dim=24,
    title_dim=12,
    gate_dim=8,
    dropout=0.0,
    slot_loss_weight=0.0,
    batch_size=24,
    learning_rate=0.01,
    epochs=20,
    device="cpu",
)


def detectable(ours: list[float], theirs: list[float]) -> float:
    """Returns the smallest true mean difference that a paired t-test at 5 % decides in 80 % of repetitions.

    From the spread of these very differences, which is itself an estimate.
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    count, width = len(differences), interval(differences)[1]
    critical = stats.t.ppf(0.975, count - 1)
    deviation = width * count**0.5 / critical

    def missing(effect: float) -> float:
        return float(stats.nct.sf(critical, count - 1, effect * count**0.5)) - 0.8

    return float(optimize.brentq(missing, 0.1, 50)) * deviation


@cache
def notes_of(*, is_told: bool) -> ClinicalNotes:
    return article_label_notes(is_told=is_told)


def trainer(*, is_told: bool) -> Callable[[CondensedMemoryConfig], Outcome]:
    def run(config: CondensedMemoryConfig) -> Outcome:
        reporter = MemoryReporter(keep_state=False)
        train(config, notes_of(is_told=is_told), reporter)
        return {"rows": reporter.rows}

    return run


def control_lines(*, seeds: int, keep: Path | None) -> list[str]:
    """Returns the section of the page: four networks with the articles and with their titles exchanged."""
    areas: dict[tuple[str, bool], list[float]] = {}
    for is_told in (True, False):
        configs = {
            (model, seed): SETTINGS.__class__(**{**vars(SETTINGS), "model": setting, "seed": seed})
            for model, setting in MODELS.items()
            for seed in range(seeds)
        }
        folder = None if keep is None else keep / f"control-{'told' if is_told else 'exchanged'}"
        outcomes = outcomes_of(configs.values(), trainer(is_told=is_told), keep=folder)
        for (model, _), config in configs.items():
            areas.setdefault((model, is_told), []).append(outcomes[config]["rows"][-1]["test/auc"])
    lines = ["## Control: labels that only the articles tell", ""]
    lines += [
        "| model | macro AUC, articles read | titles exchanged at random | difference | could have seen |",
        "|---|---:|---:|---:|---:|",
    ]
    for model in MODELS:
        told, exchanged = areas[model, True], areas[model, False]
        means = [interval(values) for values in (told, exchanged)]
        mean, half, _ = paired(told, exchanged)
        cells = [f"{value:.4f} ±{width:.4f}" for value, width in means]
        cells += [f"{mean:+.4f} ±{half:.4f}", f"{detectable(told, exchanged):.4f}"]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "144 articles, six labels, three hops, gated addressing over the four articles that hashing finds,"
        f" {seeds} seeds."
        " Each sign goes with each label equally often, and no tested pair of signs is in a training note"
        " (`tests/support/article_labels.py`); a network that leaves the articles aside is at 0.5.",
        "",
    ]
