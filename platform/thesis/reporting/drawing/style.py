"""The style of every figure, and how a figure is saved.

Figures are made without pyplot: no global state, no window, and safe in a thread next to a running sweep.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WIDTH_INCHES, HEIGHT_INCHES, DOTS_PER_INCH = 12.0, 8.0, 100  # 1200 x 800 pixels

# Okabe and Ito's palette: distinct with every common kind of colour blindness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F"

OURS, BASELINE = BLUE, ORANGE
PHASE_SHADE = "#E4E4E4"

PLOT_STYLE: dict[str, Any] = {
    "font.size": 14,
    "axes.titlesize": 15,
    "axes.labelsize": 14,
    "figure.titlesize": 17,
    "figure.labelsize": 14,
    "figure.constrained_layout.w_pad": 0.09,
    "figure.constrained_layout.h_pad": 0.07,
    "legend.fontsize": 13,
    "legend.framealpha": 0.9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK]),
    "svg.hashsalt": "thesis",  # the same figure is the same file
}


@contextmanager
def plot_style() -> Iterator[None]:
    """Applies the style to every figure drawn inside."""
    with mpl.rc_context(PLOT_STYLE):  # type: ignore[arg-type] # its keys are literals in the stubs
        yield


def new_figure(title: str) -> Figure:
    """Returns an empty figure of 1200 x 800 pixels that keeps its labels apart; call it in `plot_style`."""
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    return figure


def draw_placeholder(axes: Axes, reason: str) -> None:
    """Writes the reason into an otherwise empty panel."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, reason, ha="center", transform=axes.transAxes)


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Writes ``name.png`` and ``name.svg`` into the folder, which is made, and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    with plot_style():
        figure.savefig(paths[0])
        figure.savefig(paths[1], metadata={"Date": None})
    return paths
