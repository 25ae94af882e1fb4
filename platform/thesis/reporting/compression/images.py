"""One picture before and after content-aware compression: original, plain JPEG, ours, map and a close-up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from thesis.reporting.drawing.style import new_figure, plot_style

_CLOSE_UP = 0.25  # of each side
_SHOWN = 900  # pixels of the longer side; more would not be visible


def compression_figure(title: str, arrays: Mapping[str, Any]) -> Figure:
    """Returns six panels: original, map over it, qualities; and close-ups of the original and both JPEGs."""
    images, saliency, levels = arrays["images"], arrays["map"], arrays["levels"]
    rows, columns = _close_up(saliency)
    plain, ours = arrays["sizes"]
    with plot_style():
        figure = new_figure(title)
        top, bottom = figure.subplots(2, 3)
        step = max(1, max(saliency.shape) // _SHOWN)
        top[0].imshow(images[0][::step, ::step])
        top[0].set_title("original")
        top[1].imshow(images[0][::step, ::step].mean(2), cmap="gray")
        shown = top[1].imshow(saliency[::step, ::step], cmap="inferno", alpha=0.6, vmin=0, vmax=1)
        figure.colorbar(shown, ax=top[1], shrink=0.8)
        top[1].set_title("map")
        of_levels = arrays["qualities"] if arrays["has_qualities"] else range(len(arrays["qualities"]))
        drawn = top[2].imshow(
            np.asarray(of_levels)[levels], cmap="cividis", vmin=min(of_levels), vmax=max(of_levels)
        )
        figure.colorbar(drawn, ax=top[2], shrink=0.8)
        top[2].set_title("quality of each block" if arrays["has_qualities"] else "level of each block's map")
        names = ("original", f"plain JPEG, {plain:,} bytes", f"content-aware, {ours:,} bytes")
        for axes, image, name in zip(bottom, images, names, strict=True):
            axes.imshow(image[rows, columns], interpolation="nearest")
            axes.set_title(name)
        for axes in (*top, *bottom):
            axes.set_axis_off()
    return figure


def save_compression_picture(path: Path, title: str, arrays: Mapping[str, Any]) -> None:
    """Writes the figure as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = compression_figure(title, arrays)
    with plot_style():
        figure.savefig(path)


def _close_up(saliency: np.ndarray) -> tuple[slice, slice]:
    """Returns the rows and columns around the map's highest value."""
    row, column = np.unravel_index(int(saliency.argmax()), saliency.shape)
    slices = []
    for middle, length in ((row, saliency.shape[0]), (column, saliency.shape[1])):
        size = max(int(length * _CLOSE_UP), min(length, 64))
        first = int(np.clip(middle - size // 2, 0, length - size))
        slices.append(slice(first, first + size))
    return slices[0], slices[1]
