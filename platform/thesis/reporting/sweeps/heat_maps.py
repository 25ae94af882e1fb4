"""Accuracy over two settings as a map, one panel per value of a third (figure 4.5)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thesis.reporting.drawing.labels import format_value, key_label, metric_label, metric_words, scale_of
from thesis.reporting.drawing.style import VERMILION, draw_placeholder, new_figure, plot_style
from thesis.reporting.sweeps.trial_values import last_value
from thesis.tracking.records import TrialRecord

_MAX_COLUMNS = 3


def heat_maps(
    records: Sequence[TrialRecord],
    *,
    rows: str,
    columns: str,
    panels: str,
    metric: str,
    baseline_name: str = "baseline",
) -> Figure:
    """Returns a panel per value of ``panels`` with the metric's mean over seeds for ``rows`` x ``columns``.

    Only trials that finished count; a cell without one is empty. The best cell of all is framed; a panel's
    title has the mean of the baseline with the same value, where there is one.
    """
    values = _means([record for record in records if record.is_candidate], (panels, rows, columns), metric)
    of_baseline = _means([record for record in records if record.is_baseline], (panels,), metric)
    axes_of = [sorted({key[place] for key in values}) for place in range(3)]
    with plot_style():
        words = metric_words(metric)
        figure = new_figure(f"{words[0].upper()}{words[1:]} over {_word(columns)} and {_word(rows)}")
        if not values:
            draw_placeholder(figure.subplots(), "no trial finished")
            return figure
        best = max(values, key=values.__getitem__)
        low, high = min(values.values()), max(values.values())
        limits = (low, high) if high > low else (low - 1.0, high + 1.0)
        for axes, panel in zip(_grid(figure, len(axes_of[0])), axes_of[0], strict=False):
            grid = _grid_of(values, panel, axes_of[1], axes_of[2])
            image = _draw(axes, grid, limits)
            _label(axes, axes_of[1], axes_of[2], rows=rows, columns=columns)
            if best[0] == panel:
                place = (axes_of[2].index(best[2]) - 0.5, axes_of[1].index(best[1]) - 0.5)
                axes.add_patch(Rectangle(place, 1, 1, fill=False, edgecolor=VERMILION, linewidth=3))
            axes.set_title(_title(panels, panel, of_baseline.get((panel,)), baseline_name))
        if len(values) < math.prod(map(len, axes_of)):
            figure.supxlabel("empty: stopped early, or not tried")
        figure.colorbar(image, ax=figure.axes, label=metric_label(metric), shrink=0.8)
    return figure


def _word(key: str) -> str:
    return key_label(key).partition(",")[0]


def _means(
    records: Sequence[TrialRecord], keys: tuple[str, ...], metric: str
) -> Mapping[tuple[Any, ...], float]:
    collected: dict[tuple[Any, ...], list[float]] = {}
    for record in records:
        value = last_value(record, metric)
        if record.status == "finished" and value is not None:
            place = tuple(record.config[key] for key in keys)
            collected.setdefault(place, []).append(scale_of(metric) * value)
    return {place: float(np.mean(values)) for place, values in collected.items()}


def _grid(figure: Figure, count: int) -> list[Axes]:
    num_columns = min(count, _MAX_COLUMNS)
    num_rows = -(-count // num_columns)
    places = figure.subplots(num_rows, num_columns, squeeze=False).ravel().tolist()
    for unused in places[count:]:
        figure.delaxes(unused)
    return list(places[:count])


def _grid_of(
    values: Mapping[tuple[Any, ...], float], panel: Any, rows: Sequence[Any], columns: Sequence[Any]
) -> np.ndarray:
    return np.array([[values.get((panel, row, column), np.nan) for column in columns] for row in rows])


def _draw(axes: Axes, grid: np.ndarray, limits: tuple[float, float]) -> Any:
    low, high = limits
    image = axes.imshow(grid, vmin=low, vmax=high, cmap="cividis", origin="lower", aspect="auto")
    for (row, column), value in np.ndenumerate(grid):
        if not np.isnan(value):
            color = "black" if value > low + 0.6 * (high - low) else "white"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=color, fontsize=12)
    axes.grid(visible=False)
    return image


def _label(
    axes: Axes, row_values: Sequence[Any], column_values: Sequence[Any], *, rows: str, columns: str
) -> None:
    axes.set_xticks(range(len(column_values)), [format_value(value) for value in column_values])
    axes.set_yticks(range(len(row_values)), [format_value(value) for value in row_values])
    axes.set_xlabel(key_label(columns))
    axes.set_ylabel(key_label(rows))


def _title(panels: str, panel: Any, baseline: float | None, baseline_name: str) -> str:
    name = f"{panels} {format_value(panel)}"
    return name if baseline is None else f"{name}\n{baseline_name} {baseline:.0f}"
