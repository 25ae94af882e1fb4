"""What an evaluation found, as a table: for the terminal and as Markdown, and beside what was published."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from thesis.experiments.declared_evaluation import Cell, DeclaredEvaluation
from thesis.reporting.audit_table import MARK
from thesis.reporting.labels import NOTHING

Row = Mapping[str, Any]
_HEADER = ("attack", "|L2|", "defence", "single %", "vote %", "undone %", "known single %", "known vote %")


def evaluation_table(summary: Sequence[Row]) -> Table:
    """Returns the summary with a line per attack and defence."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, caption=caption(summary))
    table.caption_justify = "left"
    widths = {name: max(len(_cells(row)[place]) for row in summary) for place, name in enumerate(_HEADER)}
    for name in _HEADER:
        justify = "left" if name in ("attack", "defence") else "right"
        table.add_column(name, justify=justify, overflow="fold", min_width=min(widths[name], 20))  # type: ignore[arg-type]
    previous = ""
    for row in summary:
        cells = _cells(row)
        if row["attack"] == previous:
            cells[0] = cells[1] = ""
        elif previous:
            table.add_section()
        previous = row["attack"]
        table.add_row(*(escape(cell) for cell in cells), style="bold" if row["defense"] == "none" else None)
    return table


def evaluation_markdown(summary: Sequence[Row]) -> str:
    """Returns the summary as a Markdown table."""
    lines = [f"| {' | '.join(_HEADER)} |", f"|{'|'.join('---' for _ in _HEADER)}|"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in _cells(row))} |" for row in summary]
    return "\n".join([*lines, "", caption(summary), ""])


def caption(summary: Sequence[Row]) -> str:
    """Returns what the columns mean."""
    text = (
        "Top-1 accuracy of images that were right before the attack, with Wilson's 95 % interval; vote:"
        " majority of the draws; undone: destruction rate of the vote."
    )
    known = next((row for row in summary if "adaptive_epsilon" in row), None)
    if known is None:
        return f"{text} No attacker who knows the defence was tried."
    return (
        f"{text} Known: the same defence before an attacker who knows it and changes no value by more than"
        f" {255 * known['adaptive_epsilon']:.3g}/255; mean of {known['adaptive_num_seeds']} seeds,"
        " interval over images by bootstrap (Wilson's where all agree)."
        + (
            f" {MARK}: a check of that attacker failed."
            if any(r.get("num_failed_checks") for r in summary)
            else ""
        )
    )


def verdict_lines(summary: Sequence[Row]) -> list[str]:
    """Returns plainly what the attacker who knows the defence means for the other numbers."""
    lines = []
    seen = set()
    for row in summary:
        if row["defense"] in seen or row["defense"] == "none" or "adaptive_accuracy" not in row:
            continue
        seen.add(row["defense"])
        others = [r for r in summary if r["defense"] == row["defense"] and r["attack"] != "clean"]
        if not others:
            continue
        low, high = (pick(r["vote_accuracy"] for r in others) for pick in (min, max))
        lines.append(
            f"{row['defense']}: {100 * low:.0f} to {100 * high:.0f} % of the images are right after attacks"
            f" that don't know it, {100 * row['adaptive_accuracy']:.0f} % (vote"
            f" {100 * row['adaptive_vote_accuracy']:.0f} %) after one that does"
            f"{', whose audit failed' if row.get('num_failed_checks') else ''}."
        )
    if lines:
        lines.append(
            "Numbers of attackers who don't know a defence, the published ones too, say little of its worth."
        )
    return lines


def published_table(name: str) -> Mapping[str, Any] | None:
    """Returns a table of the dissertation as `paper/tables.toml` has it, or None where it has none."""
    content = tomllib.loads((files("thesis.paper") / "tables.toml").read_text(encoding="utf-8"))
    return next((table for table in content["table"] if table["id"] == name), None)


def compared_cells(declared: DeclaredEvaluation, summary: Sequence[Row]) -> list[dict[str, Any]]:
    """Returns every printed cell with its published and its measured value, in the table's own unit."""
    table = published_table(declared.name)
    by_pair = {(row["attack"], row["defense"]): row for row in summary}
    found = []
    for cell in declared.cells:
        printed = None if table is None else _printed(table, cell)
        values = [
            by_pair[attack, cell.defense] for attack in cell.attacks if (attack, cell.defense) in by_pair
        ]
        measured = [row[cell.measure] for row in values if not math.isnan(row[cell.measure])]
        known = values[0].get("adaptive_accuracy") if values else None
        is_marked = bool(values and values[0].get("num_failed_checks"))
        found.append(
            {
                **cell.row,
                "column": cell.column,
                "defense": cell.defense,
                "published": printed,
                "measured": cell.factor * sum(measured) / len(measured) if measured else None,
                "known": None if known is None else cell.factor * known,
                "is_known_marked": is_marked,
            }
        )
    return found


def comparison_table(declared: DeclaredEvaluation, cells: Sequence[Row], *, classifier: str) -> Table:
    """Returns published beside measured values, in the layout of the printed table."""
    columns = list(dict.fromkeys(cell["column"] for cell in cells))
    keys = list(declared.cells[0].row)
    is_by_defense = declared.cells[0].defense == declared.cells[0].row.get("defense")
    table = Table(
        box=SIMPLE_HEAD,
        title=f"{declared.name}: {declared.title}",
        title_justify="left",
        caption=comparison_caption(declared, classifier=classifier),
        caption_justify="left",
    )
    for key in keys:
        table.add_column(key, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    if is_by_defense:
        table.add_column("known %", justify="right")
    for line in comparison_lines(cells, keys=keys, columns=columns, is_by_defense=is_by_defense):
        table.add_row(*(escape(text) for text in line))
    return table


def comparison_markdown(declared: DeclaredEvaluation, cells: Sequence[Row], *, classifier: str) -> str:
    """Returns published beside measured values as Markdown."""
    columns = list(dict.fromkeys(cell["column"] for cell in cells))
    keys = list(declared.cells[0].row)
    is_by_defense = declared.cells[0].defense == declared.cells[0].row.get("defense")
    header = [*keys, *columns, *(["known %"] if is_by_defense else [])]
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join('---' for _ in header)}|"]
    shown = comparison_lines(cells, keys=keys, columns=columns, is_by_defense=is_by_defense)
    lines += [f"| {' | '.join(line)} |" for line in shown]
    return "\n".join([*lines, "", comparison_caption(declared, classifier=classifier), ""])


def comparison_lines(
    cells: Sequence[Row], *, keys: Sequence[str], columns: Sequence[str], is_by_defense: bool
) -> list[list[str]]:
    """Returns the cells as ``published -> measured``; last the attacker who knows the defence.

    Where a line is a defence, its known attacker is a further column; where a line is an attack, it is a
    further line.
    """
    lines: dict[tuple[str, ...], dict[str, Row]] = {}
    for cell in cells:
        lines.setdefault(tuple(cell[key] for key in keys), {})[cell["column"]] = cell
    found = []
    for row_keys, by_column in lines.items():
        line = [*row_keys, *(_pair(by_column.get(column)) for column in columns)]
        if is_by_defense:
            line.append(_known(next(iter(by_column.values())), factor=100.0))
        found.append(line)
    first = {column: next(cell for cell in cells if cell["column"] == column) for column in columns}
    if not is_by_defense and any(cell["known"] is not None for cell in first.values()):
        blank = [""] * (len(keys) - 1)
        found.append([*blank, "knows it", *(_known(first[column], factor=1.0) for column in columns)])
    return found


def comparison_caption(declared: DeclaredEvaluation, *, classifier: str) -> str:
    """Returns why published and measured differ."""
    return (
        f"Published -> measured. The text's numbers are of {declared.classifier} on ImageNet's validation"
        f" images; these are of {classifier} on other images, so they are no reproduction of the same"
        " experiment. Known: the defence before an attacker who knows it; the text has no such attacker."
    )


def _printed(table: Mapping[str, Any], cell: Cell) -> float | None:
    for row in table["rows"]:
        if all(row.get(key) == value for key, value in cell.row.items()):
            value = row.get(cell.column)
            return None if value is None else float(value)
    return None


def _pair(cell: Row | None) -> str:
    if cell is None:
        return ""
    return f"{_number(cell['published'])} -> {_number(cell['measured'])}"


def _known(cell: Row, *, factor: float) -> str:
    known = cell["known"]
    return NOTHING if known is None else f"{factor * known:.1f}{MARK if cell.get('is_known_marked') else ''}"


def _number(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.3f}" if value <= 1 and value != 0 else f"{value:.1f}"


def _cells(row: Row) -> list[str]:
    return [
        row["attack"],
        f"{row['l2']:.4f}",
        row["defense"],
        _share(row, "accuracy"),
        _share(row, "vote_accuracy") if row["num_votes"] > 1 else NOTHING,
        f"{100 * row['vote_destruction']:.0f}" if row["num_fooled"] and row["defense"] != "none" else NOTHING,
        _known_share(row, "adaptive_accuracy"),
        _known_share(row, "adaptive_vote_accuracy") if row["num_votes"] > 1 else NOTHING,
    ]


def _known_share(row: Row, key: str) -> str:
    share = _share(row, key)
    return f"{share}{MARK}" if row.get("num_failed_checks") and share != NOTHING else share


def _share(row: Row, key: str) -> str:
    if key not in row or math.isnan(row[key]):
        return NOTHING
    return f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f},{100 * row[f'{key}_high']:.0f}]"
