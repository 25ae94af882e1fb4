"""The results of an evaluation as a table, for the terminal and as Markdown."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from thesis.reporting.drawing.labels import NOTHING
from thesis.reporting.evaluation.audit_table import MARK
from thesis.reporting.markdown_table import markdown_table

Row = Mapping[str, Any]
_HEADER = (
    "attack",
    "|L2|",
    "defence",
    "single %",
    "vote %",
    "undone %",
    "adaptive single %",
    "adaptive vote %",
)


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
    return "\n".join([markdown_table(_HEADER, map(_cells, summary)), "", caption(summary), ""])


def caption(summary: Sequence[Row]) -> str:
    """Returns the meaning of the columns."""
    text = (
        "Top-1 accuracy of images that were right before the attack, with Wilson's 95 % interval; vote:"
        " majority of the draws; undone: destruction rate of the vote."
    )
    adaptive = next((row for row in summary if "adaptive_epsilon" in row), None)
    if adaptive is None:
        return f"{text} No adaptive attack was run."
    return (
        f"{text} Adaptive: the same defence against an attack that knows it and changes no value by more than"
        f" {255 * adaptive['adaptive_epsilon']:.3g}/255; mean of {adaptive['adaptive_num_seeds']} seeds,"
        " interval over images by bootstrap (Wilson's where all agree)."
        + (
            f" {MARK}: a check of that attack failed."
            if any(r.get("num_failed_checks") for r in summary)
            else ""
        )
    )


def verdict_lines(summary: Sequence[Row]) -> list[str]:
    """Returns a sentence per defence that compares adaptive with non-adaptive attacks."""
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
            "Numbers of non-adaptive attacks, the published ones too, say little about a defence's worth."
        )
    return lines


def _cells(row: Row) -> list[str]:
    return [
        row["attack"],
        f"{row['l2']:.4f}",
        row["defense"],
        _share(row, "accuracy"),
        _share(row, "vote_accuracy") if row["num_votes"] > 1 else NOTHING,
        f"{100 * row['vote_destruction']:.0f}" if row["num_fooled"] and row["defense"] != "none" else NOTHING,
        _adaptive_share(row, "adaptive_accuracy"),
        _adaptive_share(row, "adaptive_vote_accuracy") if row["num_votes"] > 1 else NOTHING,
    ]


def _adaptive_share(row: Row, key: str) -> str:
    share = _share(row, key)
    return f"{share}{MARK}" if row.get("num_failed_checks") and share != NOTHING else share


def _share(row: Row, key: str) -> str:
    if key not in row or math.isnan(row[key]):
        return NOTHING
    return f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f},{100 * row[f'{key}_high']:.0f}]"
