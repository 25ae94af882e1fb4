"""Tables as HTML: what was measured, with the published number and the difference below it."""

from collections.abc import Mapping, Sequence
from typing import Any

from thesis.paper.explanations import covered_words
from thesis.paper.reference import Column
from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.page.html_elements import Html, element, joined
from thesis.reporting.tables.comparison import (
    ComparedCell,
    ComparedRow,
    ComparedTable,
    basis,
    format_difference,
    format_measured,
    format_published,
)
from thesis.results.keys import words
from thesis.results.measured_tables import BrokenTable, MeasuredTable
from thesis.statistics.intervals import t_interval

_BETTER = {"higher": ("↑", "higher is better"), "lower": ("↓", "lower is better")}


def table_section(compared: ComparedTable, pictures: Sequence[Html]) -> Html:
    """Returns one printed table beside its measured one; folded where nothing was measured."""
    table = compared.table
    name = f"Table {table.id.removeprefix('table-')}"
    notices = [broken_notice(entry) for entry in compared.broken]
    if compared.measured is None and not compared.broken:
        summary = element("summary", f"{name}: {table.title} ", element("span", "– not run", class_="soft"))
        return element(
            "details", summary, _grid(compared, name), _notes(compared), class_="table", id=table.id
        )
    return element(
        "section",
        element("h4", f"{name}: {table.title}", id=f"{table.id}-title"),
        element("p", _basis(compared), class_="soft"),
        *notices,
        *([_missing(compared.measured)] if compared.measured and compared.measured.missing else []),
        _grid(compared, name),
        *pictures,
        _notes(compared),
        id=table.id,
        aria_labelledby=f"{table.id}-title",
    )


def measures_table(table: MeasuredTable, pictures: Sequence[Html] = ()) -> Html:
    """Returns quantities that the text does not print as a table, and figures."""
    name = f"{table.id}: measured for the claims"
    rows = [
        element(
            "tr",
            element("th", column.replace("_", " "), scope="row", class_="key"),
            element("td", words(row.keys) or NOTHING, class_="text"),
            element("td", _plain_interval(tuple(cell.values.values()))),
            element("td", f"{len(cell.values)} {cell.unit}"),
            element("td", str(table.data_of(row)), class_="text"),
        )
        for row in table.rows
        for column, cell in row.cells.items()
    ]
    heads = ("quantity", "of", "measured ± 95 % interval", "samples", "data")
    kinds = ("text", "text", None, None, "text")
    header = [element("th", head, scope="col", class_=kind) for head, kind in zip(heads, kinds, strict=True)]
    grid = element(
        "table",
        element("caption", element("span", basis(table))),
        element("thead", element("tr", *header)),
        element("tbody", *rows),
    )
    missing = [_missing(table)] if table.missing else []
    return element(
        "section",
        element("h4", name, id=f"{table.id}-title"),
        *missing,
        *([_scroll(grid, name)] if rows else [element("p", basis(table))]),
        *pictures,
        _provenance(table),
        id=table.id,
        aria_labelledby=f"{table.id}-title",
    )


def broken_notice(entry: BrokenTable) -> Html:
    """Returns that a measured table could not be read, and why."""
    return element(
        "p", element("strong", f"{entry.id} is broken. "), f"{entry.path}: {entry.error}.", class_="notice"
    )


def facts(values: Mapping[str, str]) -> Html:
    """Returns a list of names and values."""
    return element("dl", *(joined(element("dt", key), element("dd", value)) for key, value in values.items()))


def _basis(compared: ComparedTable) -> str:
    if compared.measured is None:
        return "Only the printed numbers are shown."
    return f"{compared.status.capitalize()}: {basis(compared.measured)}. {covered_words(compared.measured)}"


def _missing(table: MeasuredTable) -> Html:
    return element("p", element("strong", "Missing: "), "; ".join(table.missing), ".", class_="notice")


def _grid(compared: ComparedTable, name: str) -> Html:
    keys = compared.table.row_keys
    heads = [element("th", key.replace("_", " "), scope="col", class_="key") for key in keys]
    heads += [_head(column) for column in compared.columns]
    if compared.measured:
        caption = f"{name}: measured mean and 95 % interval, below it the published number and the difference"
    else:
        caption = f"{name}: published numbers"
    grid = element(
        "table",
        element("caption", element("span", f"{caption}. ★ is bold in the text; ↑ ↓ tell where better is.")),
        element("thead", element("tr", *heads)),
        element("tbody", *(_row(row, compared) for row in compared.rows)),
    )
    return _scroll(grid, name)


def _head(column: Column) -> Html:
    inside: list[Html] = [joined(column.unit)]
    if column.better in _BETTER:
        arrow, words_ = _BETTER[column.better]
        inside += [
            element("span", f" {arrow}", aria_hidden="true"),
            element("span", f", {words_}", class_="sr"),
        ]
    unit = element("span", *inside, class_="unit")
    return element("th", column.label, unit, scope="col", title=column.metric)


def _row(row: ComparedRow, compared: ComparedTable) -> Html:
    keys = [row.keys.get(key, "") for key in compared.table.row_keys]
    cells = [element("th", str(key), scope="row", class_="key") for key in keys]
    if not row.is_printed:
        other = words({key: value for key, value in row.keys.items() if key not in compared.table.row_keys})
        cells[-1] = element(
            "th",
            f"{keys[-1]} {other} ",
            element("span", "not in the text", class_="unit"),
            scope="row",
            class_="key",
        )
    if row.data is not None:
        cells[-1] = joined(
            Html(cells[-1].removesuffix("</th>")),
            element("span", str(row.data), class_="unit"),
            Html("</th>"),
        )
    cells += [
        _cell(row.cells[column.key], column, is_measured=compared.measured is not None)
        for column in compared.columns
    ]
    return element("tr", *cells)


def _cell(cell: ComparedCell, column: Column, *, is_measured: bool) -> Html:
    published = format_published(cell, column)
    bold = "bold" if cell.is_bold else None
    star = [element("span", " best in the text", class_="sr")] if cell.is_bold else []
    if not is_measured:
        return element("td", element("span", published, *star, class_="then"), class_=bold)
    if cell.samples is None:
        now = NOTHING if published == NOTHING else "not run"
        shown = element("span", now, class_="soft")
    else:
        shown = element("span", format_measured(cell, column), class_="now")
    difference = "" if cell.difference is None else f" ({format_difference(cell.difference, column)})"
    return element(
        "td", shown, element("span", f"{published}{difference}", *star, class_="then"), class_=bold
    )


def _plain_interval(values: tuple[float, ...]) -> str:
    interval = t_interval(values)
    if interval is None:
        return NOTHING
    if interval.half_width is None:
        return f"{interval.mean:.4g}"
    return f"{interval.mean:.4g} ± {interval.half_width:.2g}"


def _notes(compared: ComparedTable) -> Html:
    table, measured = compared.table, compared.measured
    deviations = [element("li", note) for note in (measured.notes if measured else ())]
    if compared.unprinted_columns:
        more = ", ".join(compared.unprinted_columns)
        deviations.append(element("li", f"also measured, not printed in the text: {more}"))
    parts = [element("p", "How this was measured:"), element("ul", *deviations)] if deviations else []
    stated = {key.replace("_", " "): _stated(value) for key, value in table.settings.items()}
    inside = [facts(stated), element("ul", *(element("li", note) for note in table.notes))]
    parts.append(
        element(
            "details",
            element("summary", "The text's settings, and notes on the printed numbers"),
            *inside,
            class_="small",
        )
    )
    if measured:
        parts.append(_provenance(measured))
    return joined(*parts)


def _stated(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _provenance(table: MeasuredTable) -> Html:
    if not table.provenance and not table.links:
        return joined()
    links = [element("li", element("a", name, href=address)) for name, address in table.links.items()]
    inside = [facts(dict(table.provenance)), *([element("ul", *links)] if links else [])]
    return element("details", element("summary", "Provenance"), *inside, class_="small")


def _scroll(grid: Html, name: str) -> Html:
    return element("div", grid, class_="scroll", tabindex=0, role="region", aria_label=name)
