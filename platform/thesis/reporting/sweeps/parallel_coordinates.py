"""Parallel coordinates: every trial a line through its settings to what it reached."""

import textwrap
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve
from matplotlib.ticker import MaxNLocator

from thesis.reporting.drawing.axes import Scale, scale_for
from thesis.reporting.drawing.labels import format_value, key_label, metric_label, metric_words, scale_of
from thesis.reporting.drawing.style import BASELINE, draw_placeholder, new_figure, plot_style
from thesis.reporting.sweeps.ranking import rank
from thesis.reporting.sweeps.trial_values import last_value, searched_keys
from thesis.tracking.records import TrialRecord

SPREAD = 0.035  # of an axis' height: how far lines through one value lie apart
CHARACTERS_ACROSS = 105  # of an axis' label, over the whole figure
EMPHASISED_SHARE = 0.1  # of the trials: the best ones are drawn stronger


def parallel_coordinates(
    records: Sequence[TrialRecord],
    *,
    searched: Sequence[str] | None = None,
    metric: str = "val/accuracy",
    higher_is_better: bool = True,
    seed_key: str = "seed",
    baseline_ignores: Collection[str] = (),
) -> Figure:
    """Returns one axis per searched hyperparameter and a last one, coloured, for the metric.

    Finished trials only; the best lies on top. The baseline, whose settings are not searched, is a mark on
    the last axis. Lines through one value are spread a little so that they stay distinct.
    """
    keys = tuple(searched_keys(records, seed_key=seed_key) if searched is None else searched)
    options: dict[str, Any] = {"metric": metric, "higher_is_better": higher_is_better, "seed_key": seed_key}
    baseline = rank(records, searched=keys, baseline_ignores=baseline_ignores, **options).baseline
    trials = _finished(records, keys, metric)
    trials.sort(key=lambda trial: trial[1], reverse=not higher_is_better)
    mark = baseline.selection.mean * scale_of(metric) if baseline and baseline.selection else None
    with plot_style():
        figure = new_figure(f"Settings of every finished trial and its {metric_words(metric)}")
        axes = figure.subplots()
        if not trials:
            draw_placeholder(axes, "no trial finished")
            return figure
        heights = [height for _, height in trials] + ([] if mark is None else [mark])
        norm = _norm(heights)
        scales = [scale_for([record.config[key] for record, _ in trials]) for key in keys]
        colors = _colors(higher_is_better=higher_is_better)
        _draw_lines(axes, trials, keys, scales, norm=norm, colors=colors)
        _draw_settings_axes(axes, keys, scales)
        _draw_metric_axis(figure, axes, norm=norm, colors=colors, mark=mark, label=metric_label(metric))
    return figure


def _finished(
    records: Sequence[TrialRecord], keys: Sequence[str], metric: str
) -> list[tuple[TrialRecord, float]]:
    trials = []
    for record in records:
        value = last_value(record, metric)
        has_all = all(record.config.get(key) is not None for key in keys)
        if value is not None and has_all and record.status == "finished" and record.is_candidate:
            trials.append((record, value * scale_of(metric)))
    return trials


def _norm(heights: list[float]) -> Normalize:
    low, high = min(heights), max(heights)
    margin = 0.04 * (high - low) or 0.5
    return Normalize(low - margin, high + margin)


def _colors(*, higher_is_better: bool) -> Colormap:
    """Returns viridis from dark (bad) to light (good), without its end that is too pale for white paper."""
    colors = mpl.colormaps["viridis"](np.linspace(0.0, 0.88, 256))
    return ListedColormap(colors if higher_is_better else colors[::-1])


def _draw_lines(
    axes: Axes,
    trials: list[tuple[TrialRecord, float]],
    keys: Sequence[str],
    scales: list[Scale],
    *,
    norm: Normalize,
    colors: Colormap,
) -> None:
    offsets = np.random.default_rng(0).uniform(-SPREAD, SPREAD, size=(len(trials), len(keys)))
    shared = {key: _shared_values(trials, key, scale) for key, scale in zip(keys, scales, strict=True)}
    alpha = float(np.clip(12 / len(trials), 0.4, 0.8))
    first_best = len(trials) - max(round(EMPHASISED_SHARE * len(trials)), 1)
    for order, (record, height) in enumerate(trials):
        stops = [
            scale.fraction(record.config[key]) + (offset if record.config[key] in shared[key] else 0.0)
            for key, scale, offset in zip(keys, scales, offsets[order], strict=True)
        ]
        curve = _curve([*stops, float(norm(height))])
        color = colors(float(norm(height)))
        is_best = order >= first_best
        axes.add_patch(
            PathPatch(
                curve,
                facecolor="none",
                edgecolor=color,
                linewidth=3.0 if is_best else 1.6,
                alpha=1.0 if is_best else alpha,
            )
        )


def _shared_values(trials: list[tuple[TrialRecord, float]], key: str, scale: Scale) -> set[Any]:
    """Returns the ticked values that several lines go through."""
    counts = Counter(record.config[key] for record, _ in trials)
    return {value for value, count in counts.items() if count > 1 and scale.kind == "ticked"}


def _curve(stops: list[float]) -> Curve:
    """Returns a line through (0, stops[0]), (1, stops[1]), ..., level where it crosses an axis."""
    points, codes = [(0.0, stops[0])], [Curve.MOVETO]
    for place, (start, end) in enumerate(pairwise(stops)):
        points += [(place + 0.4, start), (place + 0.6, end), (place + 1.0, end)]
        codes += [Curve.CURVE4] * 3
    return Curve(points, codes)


def _draw_settings_axes(axes: Axes, keys: Sequence[str], scales: list[Scale]) -> None:
    for place, scale in enumerate(scales):
        axes.axvline(place, color="black", linewidth=1.0, zorder=3)
        for value in scale.ticks():
            height = scale.fraction(value)
            axes.annotate(
                f"{format_value(value)} –",
                (place, height),
                xytext=(3, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                zorder=5,
                bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
            )
    width = max(CHARACTERS_ACROSS // (len(keys) + 1), 9)
    labels = [textwrap.fill(key_label(key), width) for key in keys]
    axes.set_xticks(range(len(keys)), labels)
    axes.tick_params(axis="x", length=0, pad=14)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.set_xlim(0, len(keys))
    axes.set_ylim(-SPREAD, 1 + SPREAD)
    axes.spines[:].set_visible(False)


def _draw_metric_axis(
    figure: Figure, axes: Axes, *, norm: Normalize, colors: Colormap, mark: float | None, label: str
) -> None:
    strip = axes.inset_axes((1.0, SPREAD / (1 + 2 * SPREAD), 0.025, 1 / (1 + 2 * SPREAD)))
    bar = figure.colorbar(ScalarMappable(norm=norm, cmap=colors), cax=strip, label=label)
    bar.ax.yaxis.set_major_locator(MaxNLocator(6))
    bar.ax.grid(visible=False)
    if mark is not None:
        bar.ax.axhline(mark, color=BASELINE, linewidth=4)
        bar.ax.annotate(
            "baseline",
            (0, mark),
            xycoords=("axes fraction", "data"),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color="black",
            bbox={"facecolor": BASELINE, "alpha": 0.9, "edgecolor": "none", "boxstyle": "round,pad=0.15"},
        )
