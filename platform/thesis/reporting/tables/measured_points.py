"""One measured column against another: a point for each row, with an interval along both axes."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from thesis.reporting.drawing.style import GREY
from thesis.results.findings import CellSamples
from thesis.statistics.intervals import t_interval
from thesis_workloads.contract.tables import Curves

_MARKERS = "osD^vP*X"


def draw_points(axes: Axes, curves: Curves, cells: Sequence[CellSamples]) -> None:
    """Draws the points of the rows that have both columns, a colour for each value of ``curves.line``.

    Every point is named by its row key ``curves.x``; a line marks where the column along y is zero.
    """
    along_x, along_y = (_by_row(cells, column, key=curves.x) for column in (curves.x_column, curves.y))
    groups: dict[str, list[str]] = {}
    for key, cell in along_y.items():
        if key in along_x:
            groups.setdefault(str(cell.row.get(curves.line, "")), []).append(key)
    axes.axhline(0, color=GREY, linewidth=1)
    for number, (name, keys) in enumerate(groups.items()):
        points = [(*_spread(along_x[key]), *_spread(along_y[key])) for key in keys]
        xs, x_halves, ys, y_halves = (list(values) for values in zip(*points, strict=True))
        marker = _MARKERS[number % len(_MARKERS)]
        axes.errorbar(
            xs,
            ys,
            xerr=x_halves,
            yerr=y_halves,
            fmt=marker,
            color=f"C{number}",
            capsize=3,
            label=name or None,
        )
        for key, x, y in zip(keys, xs, ys, strict=True):
            axes.annotate(key, (x, y), xytext=(5, 5), textcoords="offset points", fontsize=10)
    axes.margins(x=0.2, y=0.1)  # room for the names
    axes.set_xlabel(curves.x_label)
    axes.set_ylabel(f"{curves.y_label}\n(mean, 95 % interval)")
    if curves.line:
        axes.legend(frameon=False)


def _by_row(cells: Sequence[CellSamples], column: str, *, key: str) -> dict[str, CellSamples]:
    shown = [cell for cell in cells if cell.column == column and not cell.is_quantity and key in cell.row]
    return {str(cell.row[key]): cell for cell in shown}


def _spread(cell: CellSamples) -> tuple[float, float]:
    interval = t_interval(tuple(cell.values.values()))
    assert interval is not None
    return interval.mean, interval.half_width or 0.0
