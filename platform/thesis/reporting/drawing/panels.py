"""A figure of images and maps side by side, from the arrays that a measurement wrote into its folder."""

import textwrap
from pathlib import Path

from matplotlib.axes import Axes

from thesis.reporting.drawing.style import DOTS_PER_INCH, new_figure, plot_style, save
from thesis.results.panels import Panel, take_panels

_PANEL_INCHES, _LEAST_INCHES = 2.6, 8.0
_SHOWN = int(2 * _PANEL_INCHES * DOTS_PER_INCH)  # pixels of a side; more would not be visible


def draw_panels(folder: Path, name: str, title: str) -> list[Path]:
    """Writes the panels of a folder as one figure; returns its paths, none where there are no panels."""
    rows = take_panels(folder)
    if not rows:
        return []
    num_columns = max(len(row) for row in rows)
    width = max(_LEAST_INCHES, _PANEL_INCHES * num_columns)
    # As tall as its tallest panel is at that width.
    heights = [
        max(panel.values.shape[0] / panel.values.shape[1] for panel in row) * width / num_columns + 0.35
        for row in rows
    ]
    with plot_style():
        figure = new_figure(textwrap.fill(f"{name}: {title}", int(6 * width)))
        figure.set_size_inches(width, sum(heights) + 0.9)
        grid = figure.subplots(len(rows), num_columns, squeeze=False, gridspec_kw={"height_ratios": heights})
        for line, row in zip(grid, rows, strict=True):
            for axes in line:
                axes.set_axis_off()
            for axes, panel in zip(line, row, strict=False):
                _draw(axes, panel)
    return save(figure, folder, f"{name}-pictures")


def _draw(axes: Axes, panel: Panel) -> None:
    step = max(1, max(panel.values.shape[:2]) // _SHOWN)
    values = panel.values[::step, ::step]
    if values.ndim == 2:
        axes.imshow(values, cmap="inferno", vmin=0, vmax=1)
    else:
        axes.imshow(values)
    axes.set_title(panel.title, fontsize=12)
