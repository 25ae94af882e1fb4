"""The declared figures of a table: a measured column against a row key, with intervals."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from thesis.reporting.drawing.style import PHASE_SHADE, new_figure, plot_style, save
from thesis.reporting.tables.measured_points import draw_points
from thesis.results.findings import CellSamples
from thesis.statistics.intervals import t_interval
from thesis_workloads.contract.tables import Curves

_MARKERS = "osD^vP*X"
_DASHES = ("-", "--", ":", "-.")
_ASIDE = 0.12  # of the way from one category to the next


def draw_curves(
    folder: Path, name: str, title: str, curves: Sequence[Curves], cells: Sequence[CellSamples]
) -> list[Path]:
    """Writes one figure with a panel per declared curve; returns its paths, none where nothing was measured."""
    shown = [each for each in curves if any(_belongs(cell, each) for cell in cells)]
    if not shown:
        return []
    with plot_style():
        figure = new_figure(f"{name}: {title}")
        figure.set_size_inches(6.0 * max(len(shown), 2), 6)
        for axes, each in zip(figure.subplots(1, len(shown), squeeze=False).ravel(), shown, strict=True):
            if each.x_column:
                draw_points(axes, each, cells)
                continue
            _draw(axes, each, [cell for cell in cells if _belongs(cell, each)])
            _shade(axes, each, cells)
    return save(figure, folder, name)


def _belongs(cell: CellSamples, curves: Curves) -> bool:
    return cell.column == curves.y and curves.x in cell.row


def _draw(axes: Axes, curves: Curves, cells: Sequence[CellSamples]) -> None:
    lines: dict[str, list[CellSamples]] = {}
    for cell in cells:
        lines.setdefault(str(cell.row.get(curves.line, "")), []).append(cell)
    is_number = all(isinstance(cell.row[curves.x], int | float) for cell in cells)
    has_spread = any(len(cell.values) > 1 for cell in cells)
    looks = _looks(list(lines))
    places = list(dict.fromkeys(cell.row[curves.x] for cell in cells))
    for number, (marker, (name, members)) in enumerate(
        zip(_MARKERS * len(lines), lines.items(), strict=False)
    ):
        if is_number:
            members = sorted(members, key=lambda cell: float(cell.row[curves.x]))
        # What is no number has no way from one to the next: no line, and intervals side by side.
        aside = 0.0 if is_number else _ASIDE * (number - (len(lines) - 1) / 2)
        values = [cell.row[curves.x] if is_number else places.index(cell.row[curves.x]) for cell in members]
        xs = [float(value) + aside for value in values]
        means = [sum(cell.values.values()) / len(cell.values) for cell in members]
        halves = [_half(cell) for cell in members]
        color, dashes = looks[name]
        axes.errorbar(
            xs,
            means,
            yerr=halves if has_spread else None,
            fmt=f"{marker}{dashes}" if is_number else marker,
            color=color,
            capsize=3,
            label=_label(curves.line, name),
        )
    if not is_number:
        axes.set_xticks(range(len(places)), [str(place) for place in places])
        axes.set_xlim(-0.5, len(places) - 0.5)
    is_whole = all(isinstance(place, int) for place in places)
    _finish(axes, curves, has_spread=has_spread, is_whole=is_whole)


def _looks(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Returns the colour and the dashes of each line: a colour for what stands before a comma."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition(", ")[0], []).append(name)
    return {
        name: (f"C{number}", _DASHES[place % len(_DASHES)])
        for number, members in enumerate(groups.values())
        for place, name in enumerate(members)
    }


def _finish(axes: Axes, curves: Curves, *, has_spread: bool, is_whole: bool) -> None:
    if curves.is_log_x:
        axes.set_xscale("log")
    elif is_whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(curves.x_label)
    axes.set_ylabel(f"{curves.y_label}\n(mean, 95 % interval)" if has_spread else curves.y_label)
    if curves.line:
        axes.legend(frameon=False)


def _shade(axes: Axes, curves: Curves, cells: Sequence[CellSamples]) -> None:
    marked = [cell for cell in cells if cell.column == curves.shaded and not cell.is_quantity]
    for x in {float(cell.row[curves.x]) for cell in marked if max(cell.values.values()) > 0}:
        axes.axvspan(x - 1, x, color=PHASE_SHADE, linewidth=0, zorder=0)


def _label(key: str, name: str) -> str | None:
    """Returns a line's name in the legend: a number says what it is the number of."""
    if not key:
        return None
    return f"{key} {name}" if name.replace(".", "", 1).isdigit() else name


def _half(cell: CellSamples) -> float:
    interval = t_interval(tuple(cell.values.values()))
    return 0.0 if interval is None else (interval.high - interval.low) / 2
