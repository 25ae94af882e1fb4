"""Figures of an evaluation: accuracy per attack and defence, and against the strength of adaptive attacks."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis.reporting.drawing.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    draw_placeholder,
    new_figure,
    plot_style,
    save,
)
from thesis.reporting.evaluation.adaptive_table import is_curve, non_adaptive

Row = Mapping[str, Any]
_COLORS = (BLACK, BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)
_MAX_DEFENSES = 7  # distinguished by colour; more are drawn as a map
_ADAPTIVE = "adaptive\nattack"


def write_figures(
    results: Path,
    summary: Sequence[Row],
    curves: Sequence[Row],
    rows: Sequence[Row],
    probes: Sequence[Row] = (),
) -> list[Path]:
    """Writes every figure that the evaluation has the numbers for, and returns the paths."""
    paths = save(accuracy_figure(summary), results, "accuracy")
    if is_curve(curves):
        paths += save(adaptive_figure(curves, summary, probes), results, "adaptive")
    attacked = [
        row
        for row in rows
        if row["defense"] == "none" and not row["attack"].startswith(("clean", "adaptive:"))
    ]
    if any(row["status"] == "attacked" for row in attacked):
        paths += save(rank_figure(attacked), results, "ranks")
    return paths


def accuracy_figure(summary: Sequence[Row]) -> Figure:
    """Returns the vote's accuracy of every defence under every attack, the one who knows it last."""
    attacks = list(dict.fromkeys(row["attack"] for row in summary))
    defenses = list(dict.fromkeys(row["defense"] for row in summary))
    with plot_style():
        figure = new_figure("Top-1 accuracy of images that were right before the attack")
        axes = figure.subplots()
        if len(defenses) <= _MAX_DEFENSES:
            _draw_points(axes, summary, attacks, defenses)
        else:
            _draw_map(figure, axes, summary, attacks, defenses)
    return figure


def adaptive_figure(curves: Sequence[Row], summary: Sequence[Row] = (), probes: Sequence[Row] = ()) -> Figure:
    """Returns accuracy against epsilon, and against the draws that the attacker averages or the audit's probes.

    Args:
        summary: rows per attack and defence; of PGD without knowledge of the defence, those with an epsilon
            are drawn next to the adaptive attack.
        probes: rows per defence and probe of an audit; they take the place of the draws.
    """
    defenses = list(dict.fromkeys(row["defense"] for row in curves))
    colors = {defense: _COLORS[number % len(_COLORS)] for number, defense in enumerate(defenses)}
    with plot_style():
        figure = new_figure("Accuracy under adaptive attacks")
        left, right = figure.subplots(1, 2, sharey=True)
        by_epsilon = _most_common(curves, "num_draws")
        by_draws = _most_common([row for row in curves if row["defense"] != "none"], "epsilon")
        by_draws = [] if probes else by_draws
        _draw_curves(left, by_epsilon, "epsilon", 255.0, colors)
        for defense in defenses[defenses[:1] == ["none"] :]:
            _draw_non_adaptive(left, non_adaptive(summary, defense), defense, colors[defense])
        left.set_xlabel("largest change of a value, 1/255")
        left.set_ylabel("top-1 accuracy, %")
        if probes:
            _draw_probes(right, probes, colors)
        else:
            _draw_curves(right, by_draws, "num_draws", 1.0, colors)
            right.set_xlabel("draws averaged in a step (EOT)")
        if by_draws:
            right.set_title(f"at {255 * by_draws[0]['epsilon']:.3g}/255")
        draws = sorted({row["num_draws"] for row in by_epsilon if row["defense"] != "none"})
        left.set_title(f"{' or '.join(map(str, draws))} draws averaged in a step")
        left.set_ylim(-3, 103)
        _set_log2_axis(left, sorted({255 * row["epsilon"] for row in by_epsilon}))
        _set_log2_axis(right, sorted({row["num_draws"] for row in by_draws}))
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def rank_figure(rows: Sequence[Row]) -> Figure:
    """Returns the rank of the wrong class before an attack and of the right class after it (4.6).

    Only images that an attack fooled count; 0 means not among the five.
    """
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    panels = (
        ("adversary_rank", "Place of the wrong class\namong the first five before the attack"),
        ("label_rank", "Place of the right class\namong the first five after the attack"),
    )
    with plot_style():
        figure = new_figure("Overlap of classes under attack")
        for axes, (key, title) in zip(figure.subplots(1, 2, sharey=True), panels, strict=True):
            _draw_ranks(axes, rows, attacks, key)
            axes.set_title(title)
            axes.set_xlabel("place (0: not among the five)")
        figure.axes[0].set_ylabel("share of fooled images, %")
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return figure


def _draw_points(axes: Axes, summary: Sequence[Row], attacks: list[str], defenses: list[str]) -> None:
    by_pair = {(row["attack"], row["defense"]): row for row in summary}
    has_adaptive = any("adaptive_accuracy" in row for row in summary)
    width = 0.7 / len(defenses)
    for number, defense in enumerate(defenses):
        shift = (number - (len(defenses) - 1) / 2) * width
        rows = [by_pair[attack, defense] for attack in attacks]
        points = [(place, row, "vote_accuracy") for place, row in enumerate(rows)]
        if has_adaptive:
            points.append((len(attacks), rows[0], "adaptive_vote_accuracy"))
        for place, row, key in points:
            _draw_point(axes, place + shift, row, key, color=_COLORS[number])
        axes.plot([], [], "o", color=_COLORS[number], label="no defence" if defense == "none" else defense)
    places = [*attacks, *([_ADAPTIVE] if has_adaptive else [])]
    axes.set_xticks(range(len(places)), [place.replace("@", "\n|L2| ") for place in places])
    if has_adaptive:
        axes.axvspan(len(attacks) - 0.5, len(attacks) + 0.5, color="#EEEEEE", linewidth=0, zorder=0)
    axes.set_xlim(-0.5, len(places) - 0.5)
    axes.set_ylim(-3, 103)
    axes.grid(visible=False, axis="x")
    axes.set_ylabel("accuracy of the vote, %, with 95 % interval")
    figure = axes.figure
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)  # type: ignore[union-attr]


def _draw_point(axes: Axes, place: float, row: Row, key: str, *, color: str) -> None:
    value = row.get(key, math.nan)
    if math.isnan(value):
        return
    below, above = 100 * (value - row[f"{key}_low"]), 100 * (row[f"{key}_high"] - value)
    error = [[max(below, 0.0)], [max(above, 0.0)]]
    axes.errorbar([place], [100 * value], yerr=error, fmt="o", color=color, markersize=8, elinewidth=1.5)


def _draw_map(
    figure: Figure, axes: Axes, summary: Sequence[Row], attacks: list[str], defenses: list[str]
) -> None:
    by_pair = {(row["attack"], row["defense"]): row for row in summary}
    has_adaptive = any("adaptive_accuracy" in row for row in summary)
    places = [*attacks, *([_ADAPTIVE] if has_adaptive else [])]
    values = np.full((len(defenses), len(places)), np.nan)
    for line, defense in enumerate(defenses):
        for column, attack in enumerate(attacks):
            values[line, column] = 100 * by_pair[attack, defense]["vote_accuracy"]
        if has_adaptive:
            values[line, -1] = 100 * by_pair[attacks[0], defense].get("adaptive_vote_accuracy", math.nan)
    image = axes.imshow(values, vmin=0, vmax=100, cmap="cividis", aspect="auto")
    for (line, column), value in np.ndenumerate(values):
        if not math.isnan(value):
            color = "white" if value < 60 else "black"
            axes.text(column, line, f"{value:.0f}", ha="center", va="center", color=color, fontsize=11)
    axes.set_xticks(range(len(places)), [place.replace("@", "\n|L2| ") for place in places], fontsize=11)
    axes.set_yticks(range(len(defenses)), ["no defence", *defenses[1:]], fontsize=11)
    axes.grid(visible=False)
    figure.colorbar(image, ax=axes, label="accuracy of the vote, %")


def _draw_non_adaptive(axes: Axes, rows: Sequence[tuple[float, Row]], defense: str, color: str) -> None:
    if not rows:
        return
    values = [100 * row["vote_accuracy"] for _, row in rows]
    axes.plot(
        [255 * epsilon for epsilon, _ in rows],
        values,
        ":",
        marker="s",
        color=color,
        label=f"{defense}, vote, attacker does not know it",
    )


def _draw_curves(axes: Axes, rows: Sequence[Row], key: str, factor: float, colors: Mapping[str, str]) -> None:
    if not rows:
        draw_placeholder(axes, "only one value was tried")
        return
    for defense in dict.fromkeys(row["defense"] for row in rows):
        own = sorted((row for row in rows if row["defense"] == defense), key=lambda row: row[key])
        places = [factor * row[key] for row in own]
        color = colors[defense]
        name = "no defence" if defense == "none" else defense
        kinds = (("accuracy", "-", "single draw"), ("vote_accuracy", "--", "vote"))
        for measure, line, words in kinds if defense != "none" else kinds[:1]:
            axes.plot(places, [100 * row[measure] for row in own], line, marker="o", color=color,
                      label=name if defense == "none" else f"{name}, {words}")  # fmt: skip
            lows, highs = ([100 * row[f"{measure}_{end}"] for row in own] for end in ("low", "high"))
            axes.fill_between(places, lows, highs, color=color, alpha=0.1, linewidth=0)


def _draw_probes(axes: Axes, probes: Sequence[Row], colors: Mapping[str, str]) -> None:
    """Draws the plain attack and its variants side by side, with Wilson's intervals."""
    names = list(dict.fromkeys(row["probe"] for row in probes))
    defenses = list(dict.fromkeys(row["defense"] for row in probes))
    for number, defense in enumerate(defenses):
        shift = 0.6 * ((number + 0.5) / len(defenses) - 0.5)
        for row in probes:
            if row["defense"] == defense:
                _draw_point(axes, names.index(row["probe"]) + shift, row, "accuracy", color=colors[defense])
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_title(f"the audit's attacks at {255 * probes[0]['epsilon']:.3g}/255")


def _set_log2_axis(axes: Axes, places: Sequence[float]) -> None:
    """Sets an axis along which equal steps are equal factors, with the measured places as its ticks."""
    if places:
        axes.set_xscale("log", base=2)
        axes.set_xticks(places, [f"{place:.3g}" for place in places])


def _most_common(rows: Sequence[Row], key: str) -> list[Row]:
    """Returns per defence the rows with the value of ``key`` that most of its rows share."""
    chosen: list[Row] = []
    for defense in dict.fromkeys(row["defense"] for row in rows):
        own = [row for row in rows if row["defense"] == defense]
        values = [row[key] for row in own]
        common = max(dict.fromkeys(values), key=values.count)
        chosen += [row for row in own if row[key] == common]
    return chosen


def _draw_ranks(axes: Axes, rows: Sequence[Row], attacks: list[str], key: str) -> None:
    width = 0.8 / len(attacks)
    for number, attack in enumerate(attacks):
        fooled = [
            row
            for row in rows
            if row["attack"] == attack
            and row["status"] == "attacked"
            and row["adversarial_prediction"] != row["label"]
        ]
        shares = [100 * sum(row[key] == place for row in fooled) / max(len(fooled), 1) for place in range(6)]
        shift = (number - (len(attacks) - 1) / 2) * width
        color = _COLORS[1:][number % (len(_COLORS) - 1)]
        axes.bar(np.arange(6) + shift, shares, width, color=color, label=f"{attack} ({len(fooled)} fooled)")
    axes.grid(visible=False, axis="x")
    axes.set_ylim(0, 103)
