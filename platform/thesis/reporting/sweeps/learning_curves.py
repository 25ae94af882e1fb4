"""Learning curves as in figure 5.1: training next to validation, sub-network phases shaded."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from thesis.reporting.drawing.labels import format_interval, is_fraction, metric_label, metric_words, scale_of
from thesis.reporting.drawing.style import (
    BASELINE,
    BLACK,
    GREEN,
    GREY,
    OURS,
    PHASE_SHADE,
    PURPLE,
    SKY,
    VERMILION,
    draw_placeholder,
    new_figure,
    plot_style,
)
from thesis.reporting.sweeps.trial_values import last_value
from thesis.statistics.intervals import t_interval
from thesis.tracking.records import TrialRecord

PHASE = "repr/phase"
PARTS = ("train", "val")
LEGEND_CHARACTERS = 105
SKIPPED_SHARE = 0.7  # of the way from the first epoch's value: not shown, so that what follows can be seen

MIN_EPOCHS_TO_SKIP = 10

_OTHERS = (GREEN, PURPLE, VERMILION, GREY, SKY, BLACK)  # colours of the controls


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A metric over epochs: mean over seeds, and the interval's ends where there are two seeds or more."""

    epochs: list[float]
    means: list[float]
    lows: list[float]
    highs: list[float]


def learning_curves(
    best: Sequence[TrialRecord],
    baseline: Sequence[TrialRecord],
    *,
    best_label: str = "best configuration",
    baseline_label: str = "baseline",
    others: Sequence[tuple[str, Sequence[TrialRecord]]] = (),
    metrics: Sequence[str] = ("train/accuracy", "val/accuracy"),
    is_training: bool = True,
) -> Figure:
    """Returns a panel per metric, all on one scale: mean over seeds of both, each with its 95 % band.

    `best` are the trials of one configuration, which differ in their seed; so are `baseline`, which may be
    empty. `others` (name, trials) are thin lines without a band: the controls.
    Shaded: the epochs in which `best` trained its sub-network. A trial that trains nothing walks the images in steps,
    and each step's value is over all images seen by then.
    """
    title = "Learning curves" if is_training else "Over the images seen so far"
    sides = [(best_label, OURS, list(best)), (baseline_label, BASELINE, list(baseline))]
    with plot_style():
        figure = new_figure(f"{title}, mean over seeds" if len(best) > 1 else title)
        panels = figure.subplots(1, len(metrics), squeeze=False).ravel().tolist()
        drawn = []
        for axes, metric in zip(panels, metrics, strict=True):
            _shade_phases(axes, best)
            for (_, records), color in zip(others, _OTHERS, strict=False):
                drawn.append(curve_of(records, metric))
                axes.plot(drawn[-1].epochs, drawn[-1].means, color=color, linewidth=1.2, linestyle="--")
            for _, color, records in sides:
                drawn.append(curve_of(records, metric))
                _draw_curve(axes, drawn[-1], color=color)
            _finish_panel(axes, metric=metric, step="epoch" if is_training else "step through the images")
        _set_heights(panels, drawn, is_percent=all(map(is_fraction, metrics)))
        handles: list[Line2D | Patch] = [
            Line2D([], [], color=color, label=_legend_text(label, records, metrics[-1]))
            for label, color, records in sides
            if records
        ]
        handles += [
            Line2D([], [], color=color, linewidth=1.2, linestyle="--", label=name)
            for (name, _), color in zip(others, _OTHERS, strict=False)
        ]
        figure.legend(
            handles=handles + _phase_handle(best),
            loc="outside lower center",
            frameon=False,
            ncols=2 if others else 1,
        )
    return figure


def single_run_curves(record: TrialRecord) -> Figure:
    """Returns the curves of one run: accuracy of the training and held-out part, and loss where reported."""
    names = [
        name
        for name in ("accuracy", "loss")
        if any(curve_of([record], f"{part}/{name}").means for part in PARTS)
    ]
    with plot_style():
        figure = new_figure("Learning curves of one run")
        panels = figure.subplots(1, max(len(names), 1), squeeze=False).ravel().tolist()
        if not names:
            draw_placeholder(panels[0], "no epoch was reported")
            return figure
        for axes, name in zip(panels, names, strict=True):
            _shade_phases(axes, [record])
            curves = []
            for metric, color in ((f"train/{name}", VERMILION), (f"val/{name}", OURS)):
                curve = curve_of([record], metric)
                curves.append(curve)
                _draw_curve(axes, curve, color=color, label=f"{metric_words(metric)}{_end(record, metric)}")
            _draw_test(axes, record, f"test/{name}")
            _finish_panel(axes, metric=name)
            _set_heights([axes], curves, is_percent=is_fraction(name))
            axes.legend(loc="lower right" if name == "accuracy" else "upper right")
        figure.legend(handles=_phase_handle([record]), loc="outside lower center", frameon=False)
    return figure


def curve_of(records: Sequence[TrialRecord], metric: str) -> Curve:
    """Returns the metric's mean and 95 % interval per epoch over the records that have it, as shown."""
    by_epoch: dict[float, list[float]] = {}
    for record in records:
        for row in record.history:
            if metric in row and np.isfinite(row[metric]):
                by_epoch.setdefault(row["epoch"], []).append(row[metric] * scale_of(metric))
    epochs = sorted(by_epoch)
    intervals = [t_interval(by_epoch[epoch]) for epoch in epochs]
    known = [interval for interval in intervals if interval is not None]
    return Curve(
        epochs=epochs,
        means=[interval.mean for interval in known],
        lows=[interval.low for interval in known],
        highs=[interval.high for interval in known],
    )


def phase_spans(records: Sequence[TrialRecord]) -> list[tuple[float, float]]:
    """Returns begin and end, in finished epochs, of every stretch in which the sub-network was trained.

    Read from the record with the most epochs: trials of one configuration share their phases.
    """
    history = max((record.history for record in records), key=len, default=[])
    spans: list[tuple[float, float]] = []
    for row in history:
        if row.get(PHASE) != 1:
            continue
        begin, end = row["epoch"] - 1, row["epoch"]
        if spans and spans[-1][1] == begin:
            begin = spans.pop()[0]
        spans.append((begin, end))
    return spans


def _shade_phases(axes: Axes, records: Sequence[TrialRecord]) -> None:
    for begin, end in phase_spans(records):
        axes.axvspan(begin, end, color=PHASE_SHADE, linewidth=0, zorder=0)


def _phase_handle(records: Sequence[TrialRecord]) -> list[Line2D | Patch]:
    return [Patch(color=PHASE_SHADE, label="sub-network phase")] if phase_spans(records) else []


def _draw_curve(axes: Axes, curve: Curve, *, color: str, label: str | None = None) -> None:
    if not curve.epochs:
        return
    axes.plot(curve.epochs, curve.means, color=color, label=label)
    if curve.lows != curve.highs:
        axes.fill_between(curve.epochs, curve.lows, curve.highs, color=color, alpha=0.2, linewidth=0)


def _draw_test(axes: Axes, record: TrialRecord, metric: str) -> None:
    value = last_value(record, metric)
    if value is not None:
        label = f"{metric_words(metric)}{_end(record, metric)}"
        axes.plot(record.history[-1]["epoch"], value * scale_of(metric), "D", color="black", label=label)


def _finish_panel(axes: Axes, *, metric: str, step: str = "epoch") -> None:
    axes.set_xlabel(step)
    axes.set_ylabel(metric_label(metric))
    axes.tick_params(labelleft=True)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def _set_heights(panels: Sequence[Axes], curves: list[Curve], *, is_percent: bool) -> None:
    """Lets the first rise, or fall, of the curves begin outside the panels."""
    heights = [height for curve in curves for height in _settled(curve)]
    if heights:
        margin = 0.06 * (max(heights) - min(heights)) or 1.0
        top = max(heights) + margin
        for axes in panels:
            axes.set_ylim(max(min(heights) - margin, 0.0), min(top, 101.0) if is_percent else top)


def _settled(curve: Curve) -> list[float]:
    """Returns means and ends from the first epoch on at which most of the way is covered."""
    begin = 0
    if len(curve.means) >= MIN_EPOCHS_TO_SKIP:
        changes = [abs(mean - curve.means[0]) for mean in curve.means]
        begin = next(place for place, change in enumerate(changes) if change >= SKIPPED_SHARE * max(changes))
    return [*curve.means[begin:], *curve.lows[begin:], *curve.highs[begin:]]


def _end(record: TrialRecord, metric: str) -> str:
    value = last_value(record, metric)
    if value is None:
        return ""
    unit = " %" if is_fraction(metric) else ""
    return f", {format_interval(t_interval([value]), metric=metric)}{unit} at the end"


def _legend_text(label: str, records: Sequence[TrialRecord], metric: str) -> str:
    values = [value for record in records if (value := last_value(record, metric)) is not None]
    seeds = f"{len(values)} seed" + ("" if len(values) == 1 else "s")
    unit = " %" if is_fraction(metric) else ""
    interval = format_interval(t_interval(values), metric=metric)
    return textwrap.fill(f"{label}: {interval}{unit} {metric_words(metric)}, {seeds}", LEGEND_CHARACTERS)
