"""The metric against each hyperparameter: one panel each, every trial a point."""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from thesis.reporting.drawing.axes import Scale, scale_for
from thesis.reporting.drawing.labels import key_label, metric_label, metric_words, scale_of
from thesis.reporting.drawing.style import BASELINE, GREY, OURS, draw_placeholder, new_figure, plot_style
from thesis.reporting.sweeps.ranking import rank
from thesis.reporting.sweeps.trial_values import last_value, searched_keys
from thesis.statistics.intervals import Interval, t_interval
from thesis.tracking.records import TrialRecord

MAX_COLUMNS = 3
JITTER = 0.13  # of the distance between two values
MEAN_OFFSET = 0.27
MARGIN = 0.25  # above and below the points, of their range

Point = tuple[TrialRecord, float]


def metric_against_hyperparameters(
    records: Sequence[TrialRecord],
    *,
    searched: Sequence[str] | None = None,
    metric: str = "val/accuracy",
    higher_is_better: bool = True,
    seed_key: str = "seed",
    baseline_ignores: Collection[str] = (),
) -> Figure:
    """Returns one panel per searched hyperparameter.

    Filled points are finished trials, hollow ones were stopped early; failed trials are absent. Beside the
    points of a value stand the mean and 95 % interval of its finished trials, whatever their other
    settings. The band is the best baseline's mean and interval over seeds.
    """
    keys = tuple(searched_keys(records, seed_key=seed_key) if searched is None else searched)
    ranking = rank(
        records,
        searched=keys,
        metric=metric,
        higher_is_better=higher_is_better,
        seed_key=seed_key,
        baseline_ignores=baseline_ignores,
    )
    band = ranking.baseline.selection if ranking.baseline else None
    shown = [(key, _points(records, key, metric)) for key in keys]
    shown = [(key, points) for key, points in shown if points]
    with plot_style():
        figure = new_figure(f"{metric_words(metric)} against each hyperparameter".capitalize())
        for place, axes in enumerate(_grid(figure, max(len(shown), 1))):
            if not shown:
                draw_placeholder(axes, "no trial finished")
                return figure
            _draw_panel(axes, *shown[place])
            _draw_baseline(axes, band, scale=scale_of(metric))
            _set_heights(
                axes, [point for _, points in shown for point in points], band, scale=scale_of(metric)
            )
        figure.supylabel(metric_label(metric))
        _draw_legend(figure, shown, band)
    return figure


def _points(records: Sequence[TrialRecord], key: str, metric: str) -> list[Point]:
    points = []
    for record in records:
        value = last_value(record, metric)
        if not record.is_candidate or value is None or record.status not in ("finished", "stopped"):
            continue
        if record.config.get(key) is not None:
            points.append((record, value * scale_of(metric)))
    return points


def _grid(figure: Figure, num_panels: int) -> list[Axes]:
    columns = 2 if num_panels == 4 else min(num_panels, MAX_COLUMNS)
    rows = -(-num_panels // columns)
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel().tolist()
    for unused in axes[num_panels:]:
        unused.remove()
    return list(axes[:num_panels])


def _draw_panel(axes: Axes, key: str, points: list[Point]) -> None:
    scale = _scale(points, key)
    if scale.kind == "ticked":
        _draw_ticked(axes, scale, key, points)
    elif scale.kind == "log":
        axes.set_xscale("log")
    places = np.array([scale.position(record.config[key]) for record, _ in points])
    if scale.kind == "ticked":
        _, inverse, counts = np.unique(places, return_inverse=True, return_counts=True)
        offsets = np.random.default_rng(0).uniform(-JITTER, JITTER, size=len(places))
        places = places + np.where(counts[inverse] > 1, offsets, 0.0)
    heights = np.array([height for _, height in points])
    finished = np.array([record.status == "finished" for record, _ in points])
    axes.scatter(places[finished], heights[finished], s=28, color=OURS, alpha=0.45, linewidths=0)
    axes.scatter(places[~finished], heights[~finished], s=28, facecolors="none", edgecolors=GREY)
    axes.set_xlabel(key_label(key))


def _draw_ticked(axes: Axes, scale: Scale, key: str, points: list[Point]) -> None:
    labels = scale.labels()
    is_crowded = sum(map(len, labels)) > 28
    axes.set_xticks(
        range(len(labels)), labels, rotation=30 if is_crowded else 0, ha="right" if is_crowded else "center"
    )
    axes.set_xlim(-0.5, len(labels) - 0.5)
    axes.grid(visible=False, axis="x")
    for place, value in enumerate(scale.values):
        heights = [y for record, y in points if record.config[key] == value and record.status == "finished"]
        interval = t_interval(heights)
        if interval is not None and interval.half_width is not None:
            axes.errorbar(
                place + MEAN_OFFSET,
                interval.mean,
                yerr=interval.half_width,
                fmt="D",
                color=OURS,
                markersize=7,
                capsize=5,
            )


def _set_heights(axes: Axes, points: list[Point], band: Interval | None, *, scale: float) -> None:
    """Shows all points and the baseline's mean; an interval over two seeds may be wider than the panel."""
    heights = [height for _, height in points] + ([] if band is None else [band.mean * scale])
    margin = MARGIN * (max(heights) - min(heights)) or 1.0
    axes.set_ylim(min(heights) - margin, max(heights) + margin)


def _draw_baseline(axes: Axes, band: Interval | None, *, scale: float) -> None:
    if band is None:
        return
    axes.axhline(band.mean * scale, color=BASELINE, linestyle="--", zorder=1)
    if band.half_width is not None:
        axes.axhspan(band.low * scale, band.high * scale, color=BASELINE, alpha=0.18, linewidth=0, zorder=0)


def _draw_legend(figure: Figure, shown: list[tuple[str, list[Point]]], band: Interval | None) -> None:
    statuses = {record.status for _, points in shown for record, _ in points}
    entries: list[tuple[Artist | tuple[Artist, ...], str]] = []
    if "finished" in statuses:
        entries.append((Line2D([], [], marker="o", linestyle="", color=OURS, alpha=0.45), "trial"))
    if any(_has_mean(key, points) for key, points in shown):
        entries.append((Line2D([], [], marker="D", linestyle="", color=OURS), "mean, 95 % interval"))
    if "stopped" in statuses:
        hollow = Line2D([], [], marker="o", linestyle="", color=GREY, fillstyle="none")
        entries.append((hollow, "stopped early"))
    if band is not None:
        line = Line2D([], [], color=BASELINE, linestyle="--")
        patch = Patch(color=BASELINE, alpha=0.18, linewidth=0)
        has_width = band.half_width is not None
        text = "baseline, mean and 95 % interval" if has_width else "baseline"
        entries.append(((patch, line) if has_width else line, text))
    if entries:
        handles, labels = zip(*entries, strict=True)
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)


def _has_mean(key: str, points: list[Point]) -> bool:
    values = [record.config[key] for record, _ in points if record.status == "finished"]
    return _scale(points, key).kind == "ticked" and len(set(values)) < len(values)


def _scale(points: list[Point], key: str) -> Scale:
    return scale_for([record.config[key] for record, _ in points])
