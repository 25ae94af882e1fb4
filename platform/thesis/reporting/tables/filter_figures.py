"""Correlations of the filters of trained networks, and the importance of each (figures 5.2 and 5.11).

The measurement leaves arrays in its folder: ``lower/PANEL`` and ``upper/PANEL`` hold a number in 0..1 for every
pair of filters of the first and the second layer, ``drops/LAYER`` the loss of accuracy without each filter.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from thesis.reporting.drawing.style import new_figure, plot_style, save

ARRAYS = "filters.npz"


def draw_filters(folder: Path, name: str, title: str) -> list[Path]:
    """Writes the figure of the folder's arrays; returns its paths, none where there are no arrays."""
    if not (folder / ARRAYS).exists():
        return []
    with np.load(folder / ARRAYS) as arrays:
        return save(filter_figure(f"{name}: {title}", dict(arrays)), folder, name)


def filter_figure(title: str, arrays: Mapping[str, np.ndarray]) -> Figure:
    """Returns a map per panel, and a histogram where the arrays have the importance of filters."""
    panels = [key.removeprefix("lower/") for key in arrays if key.startswith("lower/")]
    drops = {key.removeprefix("drops/"): each for key, each in arrays.items() if key.startswith("drops/")}
    with plot_style():
        figure = new_figure(title)
        count = len(panels) + bool(drops)
        figure.set_size_inches(max(12.0, 5.2 * count + 1), 6)
        panel_axes = figure.subplots(1, count, squeeze=False)[0]
        for axes, panel in zip(panel_axes, panels, strict=False):
            image = _draw_map(axes, panel, arrays[f"lower/{panel}"], arrays[f"upper/{panel}"])
        bar = figure.colorbar(image, ax=list(panel_axes[: len(panels)]), shrink=0.7)
        bar.set_label("mean canonical correlation")
        if drops:
            _draw_drops(panel_axes[-1], drops)
    return figure


def _draw_map(axes: Axes, panel: str, lower: np.ndarray, upper: np.ndarray) -> AxesImage:
    """Draws layer 1 below the diagonal and layer 2 above it; the diagonal is empty."""
    if lower.shape != upper.shape:
        raise ValueError(
            f"layers that share a map must have the same number of filters, got {lower.shape=} {upper.shape=}"
        )
    both = np.tril(lower, -1) + np.triu(upper, 1)
    np.fill_diagonal(both, np.nan)
    image = axes.imshow(both, vmin=0, vmax=1, cmap="viridis", interpolation="nearest")
    axes.grid(visible=False)
    axes.set_title(f"{panel}\nabove the diagonal: layer 2, below: layer 1", fontsize=13)
    axes.set_xlabel("filter")
    axes.set_ylabel("filter")
    return image


def _draw_drops(axes: Axes, drops: Mapping[str, np.ndarray]) -> None:
    low = min(float(each.min()) for each in drops.values())
    high = max(float(each.max()) for each in drops.values())
    edges = np.linspace(low, high if high > low else low + 1, 17)
    axes.hist(list(drops.values()), bins=list(edges), label=[f"layer {name}" for name in drops])
    axes.set_xlabel("loss of accuracy without the filter, points")
    axes.set_ylabel("filters")
    axes.legend(frameon=False)
