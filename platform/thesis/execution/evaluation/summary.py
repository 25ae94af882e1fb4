"""Per-image rows of an evaluation as one row per attack and defence, with intervals over the images."""

import dataclasses
import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from scipy.stats import bootstrap

from thesis.execution.evaluation.adversarial_store import ATTACKED, FAILED, MISCLASSIFIED, UNREADABLE
from thesis_workloads.contract.evaluation import CLEAN, AttackSpec
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.metrics.robustness import Share, destruction_rate, robust_accuracy

Row = Mapping[str, Any]


def summarise(plan: EvaluationPlan, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Returns a row per attack and defence, shares in 0..1.

    Only images that were classified right and could be attacked and defended count (section 4.9). Shares
    have Wilson's interval; the adaptive columns are means over seeds, with a bootstrap over the images.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["status"] == ATTACKED:
            groups.setdefault((row["attack"], row["defense"]), []).append(row)
    adaptive = _adaptive_columns(plan, groups)
    return [
        {
            "attack": attack.label,
            "defense": defense.name,
            **_columns(groups.get((attack.label, defense.name), [])),
            **adaptive.get(defense.name, {}),
        }
        for attack in plan.attacks
        for defense in plan.defenses
    ]


def adaptive_curves(plan: EvaluationPlan, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Returns a row per defence, epsilon and draws: accuracy of a single draw and of the vote over seeds."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["status"] == ATTACKED:
            groups.setdefault((row["attack"], row["defense"]), []).append(row)
    curves: dict[tuple[str, float, int, int], list[AttackSpec]] = {}
    for attack in plan.adaptive_attacks():
        assert attack.defense is not None
        of_attacker = (attack.parameters["epsilon"], attack.parameters["num_steps"], attack.num_draws)
        key = (attack.defense.name, *of_attacker)
        if attack not in curves.setdefault(key, []):
            curves[key].append(attack)
    found = []
    for (defense, epsilon, num_steps, num_draws), attacks in curves.items():
        members = [groups.get((attack.label, defense), []) for attack in attacks]
        strength = {"epsilon": epsilon, "num_steps": num_steps, "num_draws": num_draws}
        found.append(
            {"defense": defense, **strength, **_over_seeds(members), "broken_by": _broken_by(members)}
        )
    return found


def finite_numbers(values: Row, *, prefix: str = "") -> dict[str, float]:
    """Returns a row's numbers as metrics, without its words and what is not a number."""
    numbers = {f"{prefix}{key}": float(value) for key, value in values.items() if not isinstance(value, str)}
    return {key: value for key, value in numbers.items() if not math.isnan(value)}


def _broken_by(members: Sequence[Sequence[Row]]) -> str:
    """Returns how many images each attack of the battery broke, most first, over all seeds."""
    names = Counter(row["found_by"] for rows in members for row in rows if row.get("found_by"))
    return ", ".join(f"{name} {count}" for name, count in sorted(names.items(), key=lambda n: (-n[1], n[0])))


def counts(plan: EvaluationPlan, rows: Sequence[Row]) -> dict[str, int]:
    """Returns how many images there were, entered, were wrong from the start, unreadable, or failed."""
    of_clean = [row for row in rows if row["attack"] == CLEAN and row["defense"] == plan.defenses[0].name]
    by_status = {status: sum(row["status"] == status for row in of_clean) for status in _WORDS}
    failed = {row["id"] for row in rows if row["status"] == FAILED}
    return {
        "num_images": len(of_clean),
        **{word: by_status[status] for status, word in _WORDS.items()},
        "num_failed": len(failed),
    }


def problems(rows: Sequence[Row]) -> dict[str, str]:
    """Returns the images that could not be read, attacked or defended, by name, with the first reason."""
    found: dict[str, str] = {}
    for row in rows:
        if row["status"] in (UNREADABLE, FAILED):
            where = "" if row["status"] == UNREADABLE else f"{row['attack']}, {row['defense']}: "
            found.setdefault(row["id"], where + row["error"])
    return found


_WORDS = {ATTACKED: "num_entered", MISCLASSIFIED: "num_misclassified", UNREADABLE: "num_unreadable"}


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    label, clean, adversarial, single, vote = (
        torch.tensor([row[key] for row in rows], dtype=torch.int64)
        for key in ("label", "clean_prediction", "adversarial_prediction", "single", "vote")
    )
    shares = {
        "accuracy": robust_accuracy(single, label, clean_predictions=clean),
        "vote_accuracy": robust_accuracy(vote, label, clean_predictions=clean),
        "destruction": destruction_rate(
            single, label, clean_predictions=clean, adversarial_predictions=adversarial
        ),
        "vote_destruction": destruction_rate(
            vote, label, clean_predictions=clean, adversarial_predictions=adversarial
        ),
    }
    columns: dict[str, Any] = {"num_images": len(rows), "num_votes": rows[0]["num_votes"] if rows else 0}
    for name, share in shares.items():
        low, high = share.interval()
        columns |= {name: share.value, f"{name}_low": low, f"{name}_high": high}
    columns["num_fooled"] = shares["destruction"].total
    for key in ("l2", "linf", "probability", "undefended_probability", "mse", "ssim", "psnr"):
        columns[key] = float(np.mean([row[key] for row in rows])) if rows else math.nan
    return columns


def _adaptive_columns(
    plan: EvaluationPlan, groups: Mapping[tuple[str, str], Sequence[Row]]
) -> dict[str, dict[str, Any]]:
    """Returns the adaptive columns of each defence: the attacker of the plan's first strength."""
    if not plan.adaptive:
        return {}
    columns = {}
    first = dataclasses.replace(plan, adaptive=plan.adaptive[:1])
    labels = {attack.label for attack in first.adaptive_attacks()}
    attacks = [attack for attack in plan.adaptive_attacks() if attack.label in labels]
    for defense in plan.defenses:
        own = [attack for attack in attacks if attack.defense == defense]
        members = [groups.get((attack.label, defense.name), []) for attack in own]
        over_seeds = _over_seeds(members)
        columns[defense.name] = {
            "adaptive_epsilon": plan.adaptive[0].epsilon,
            **{f"adaptive_{key}": value for key, value in over_seeds.items()},
        }
    return columns


def _over_seeds(members: Sequence[Sequence[Row]]) -> dict[str, Any]:
    found: dict[str, Any] = {"num_seeds": len(members)}
    for name, key in (("accuracy", "single"), ("vote_accuracy", "vote")):
        by_image: dict[str, list[bool]] = {}
        for rows in members:
            for row in rows:
                by_image.setdefault(row["id"], []).append(row[key] == row["label"])
        means = [float(np.mean(right)) for _, right in sorted(by_image.items())]
        low, high = _interval(means)
        found |= {
            name: float(np.mean(means)) if means else math.nan,
            f"{name}_low": low,
            f"{name}_high": high,
        }
    return found


def _interval(means: Sequence[float]) -> tuple[float, float]:
    """Returns the 95% interval of a mean over images by bootstrap; by Wilson where all images agree."""
    if not means or len(set(means)) == 1:
        total = len(means)
        return Share(hits=round(means[0] * total) if means else 0, total=total).interval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = bootstrap((means,), np.mean, method="percentile", rng=np.random.default_rng(0))
    return float(found.confidence_interval.low), float(found.confidence_interval.high)
