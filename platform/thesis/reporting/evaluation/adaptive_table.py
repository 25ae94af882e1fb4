"""Accuracy under adaptive attacks by their strength, next to attacks that do not know the defence."""

from collections.abc import Mapping, Sequence
from typing import Any

from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.markdown_table import markdown_table

Row = Mapping[str, Any]
_NON_ADAPTIVE = "pgd"  # the same attack without knowledge of the defence
_HEADER = (
    "defence",
    "epsilon x 255",
    "steps",
    "draws a step",
    "adaptive: single %",
    "adaptive: vote %",
    "non-adaptive: single %",
    "non-adaptive: vote %",
    "broken by (images)",
)


def is_curve(curves: Sequence[Row]) -> bool:
    """Returns True if any defence was attacked with several strengths."""
    strengths = {(row["defense"], row["epsilon"], row["num_draws"]) for row in curves}
    return len(strengths) > len({row["defense"] for row in curves})


def non_adaptive(summary: Sequence[Row], defense: str) -> list[tuple[float, Row]]:
    """Returns epsilon and row of PGD that does not know the defence, in order of epsilon."""
    pairs = []
    for row in summary:
        name, colon, epsilon = row["attack"].partition(":")
        if row["defense"] == defense and name == _NON_ADAPTIVE and colon:
            pairs.append((float(epsilon), row))
    return sorted(pairs, key=lambda pair: pair[0])


def adaptive_markdown(curves: Sequence[Row], summary: Sequence[Row]) -> str:
    """Returns a line per defence and strength of the adaptive attack, next to the non-adaptive attack."""
    order = sorted(curves, key=lambda row: (row["defense"] != "none", row["epsilon"], row["num_draws"]))
    seeds = max((row["num_seeds"] for row in curves), default=0)
    return "\n".join(
        [
            markdown_table(_HEADER, [_cells(row, summary) for row in order]),
            "",
            "Top-1 accuracy of images that were right before the attack. Adaptive: the worst of a battery in Linf"
            " through the defence (its own gradient and BPDA, draws averaged by EOT, the map recomputed inside),"
            f" chosen by the attacker's own draws, {seeds} seeds, 95 % interval over images; steps and draws are"
            " those of a plain member. Non-adaptive: PGD on the classifier alone with the same epsilon, one seed.",
            "",
            *(f"{line}\n" for line in statements(curves, summary)),
        ]
    )


def statements(curves: Sequence[Row], summary: Sequence[Row]) -> list[str]:
    """Returns per defence the effect of an adaptive attack, and what follows for non-adaptive numbers."""
    lines = []
    for defense in dict.fromkeys(row["defense"] for row in curves if row["defense"] != "none"):
        own = [row for row in curves if row["defense"] == defense]
        pairs = []
        for epsilon, row in non_adaptive(summary, defense):
            adaptive = [each for each in own if _is_same_epsilon(each["epsilon"], epsilon)]
            if adaptive:
                weakest = min(adaptive, key=lambda each: float(each["vote_accuracy"]))
                pairs.append((epsilon, row["vote_accuracy"], weakest["vote_accuracy"]))
        if pairs:
            epsilon, before, after = max(pairs, key=lambda pair: pair[1] - pair[2])
            lines.append(
                f"{defense}: at {255 * epsilon:.3g}/255 the vote is right on {100 * before:.0f} % of the images"
                f" if the attacker does not know the defence and on {100 * after:.0f} % if the attacker does."
            )
        lines += _effect_of_draws(defense, own)
    if lines:
        lines.append(
            "What the published tables report is the first kind of number: it says how the defence fares"
            " against attacks made for the bare classifier, and is no bound on what it withstands."
        )
    return lines


def _effect_of_draws(defense: str, own: Sequence[Row]) -> list[str]:
    """Returns the effect of averaging more draws, at the epsilon with the most numbers of draws."""
    epsilons = [row["epsilon"] for row in own]
    epsilon = max(dict.fromkeys(epsilons), key=epsilons.count)
    at_it = sorted((row for row in own if row["epsilon"] == epsilon), key=lambda row: row["num_draws"])
    if len(at_it) < 2:
        return []
    fewest, most = at_it[0], at_it[-1]
    return [
        f"{defense}: at {255 * epsilon:.3g}/255 an attacker who averages {most['num_draws']} draws a step instead of"
        f" {fewest['num_draws']} leaves {100 * most['accuracy']:.0f} % of single draws right instead of"
        f" {100 * fewest['accuracy']:.0f} %, and {100 * most['vote_accuracy']:.0f} % of votes instead of"
        f" {100 * fewest['vote_accuracy']:.0f} %."
    ]


def _cells(row: Row, summary: Sequence[Row]) -> list[str]:
    matching = [
        each
        for epsilon, each in non_adaptive(summary, row["defense"])
        if _is_same_epsilon(epsilon, row["epsilon"])
    ]
    other = matching[0] if matching else None
    is_random = row["defense"] != "none"
    return [
        row["defense"],
        f"{255 * row['epsilon']:.3g}",
        str(row["num_steps"]),
        str(row["num_draws"]),
        _share(row, "accuracy"),
        _share(row, "vote_accuracy") if is_random else NOTHING,
        _share(other, "accuracy"),
        _share(other, "vote_accuracy") if is_random else NOTHING,
        row.get("broken_by") or NOTHING,
    ]


def _is_same_epsilon(one: float, other: float) -> bool:
    return abs(one - other) < 1e-3 * one


def _share(row: Row | None, key: str) -> str:
    if row is None:
        return NOTHING
    return f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f},{100 * row[f'{key}_high']:.0f}]"
