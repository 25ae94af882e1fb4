"""A measured table drawn next to the published points."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis.paper.reference import Column
from thesis.reporting.drawing.style import BLUE, VERMILION, new_figure, plot_style
from thesis.reporting.tables.comparison import ComparedRow, ComparedTable
from thesis.results.keys import words

MAX_PANELS = 8
_DRAWN = ("result", "baseline")


def published_figure(compared: ComparedTable) -> Figure | None:
    """Returns a panel per column with a line per row, or None where nothing of the table was measured."""
    columns = [column for column in compared.columns if column.role in _DRAWN and _has_both(compared, column)]
    columns = columns[:MAX_PANELS]
    if compared.measured is None or not columns:
        return None
    rows = [row for row in compared.rows if any(row.cells[column.key].samples for column in columns)]
    with plot_style():
        figure = new_figure("")
        title = f"{compared.table.id}: measured next to published\n{compared.basis}"
        figure.suptitle(title, fontsize=13)
        num_wide = min(len(columns), 4)
        num_high = -(-len(columns) // num_wide)
        figure.set_size_inches(12, max(3.2, num_high * (1.3 + 0.34 * len(rows))))
        panels = figure.subplots(num_high, num_wide, sharey=True, squeeze=False).ravel()
        for axes, column in zip(panels, columns, strict=False):
            _draw(axes, column, rows)
        for axes in panels[len(columns) :]:
            axes.set_axis_off()
        _label(panels[0], rows)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _has_both(compared: ComparedTable, column: Column) -> bool:
    cells = (row.cells[column.key] for row in compared.rows)
    return any(cell.samples is not None and cell.published is not None for cell in cells)


def _draw(axes: Axes, column: Column, rows: list[ComparedRow]) -> None:
    published = [
        (row.cells[column.key].published, place)
        for place, row in enumerate(rows)
        if row.cells[column.key].published is not None
    ]
    measured = [
        (cell.samples.mean, *(cell.bounds(column) or (cell.samples.mean,) * 2), place)
        for place, row in enumerate(rows)
        if (cell := row.cells[column.key]).samples is not None
    ]
    axes.plot(
        [float(value) for value, _ in published if value is not None],
        [place for _, place in published],
        "D",
        color=VERMILION,
        markerfacecolor="none",
        markersize=8,
        label="published",
    )
    axes.errorbar(
        [mean for mean, _, _, _ in measured],
        [place for _, _, _, place in measured],
        xerr=[[mean - low for mean, low, _, _ in measured], [high - mean for mean, _, high, _ in measured]],
        fmt="o",
        color=BLUE,
        markersize=6,
        capsize=3,
        label="measured, 95 % interval",
    )
    axes.set_title(column.label, fontsize=13)
    axes.set_xlabel(column.unit, fontsize=12)


def _label(axes: Axes, rows: list[ComparedRow]) -> None:
    names = [" ".join(str(value) for value in row.keys.values()) or words(row.keys) for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
