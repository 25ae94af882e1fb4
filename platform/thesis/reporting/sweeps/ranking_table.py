"""A ranking as a table: for the terminal, as Markdown, and as plain rows for Parquet and JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thesis.reporting.drawing.labels import (
    format_interval,
    format_value,
    is_fraction,
    metric_words,
    settings_text,
)
from thesis.reporting.markdown_table import markdown_table
from thesis.reporting.sweeps.control_lines import control_lines
from thesis.reporting.sweeps.ranking import RankedRow, Ranking
from thesis.statistics.intervals import Interval
from thesis_workloads.contract.controls import Control

WIDTH = 100
STATUS_WORDS = {"stopped": "stopped", "running": "running", "killed": "killed", "failed": "failed"}
VERDICT_STYLES = {"better": "green", "worse": "red", "baseline": "bold"}

Cells = list[str]


def terminal_table(
    ranking: Ranking, *, width: int = WIDTH, max_rows: int = 20, baseline_name: str = "baseline"
) -> Table:
    """Returns the ranking, at most `max_rows` rows and always baseline and controls, in `width` columns.

    Where a column per setting does not fit, or controls are among the rows, the settings share one.

    Nothing depends on colour: the baseline and the verdicts are words as well.
    """
    shown = _shown_rows(ranking, max_rows=max_rows)
    wide = _terminal_table(ranking, shown, baseline_name, is_compact=False)
    if not ranking.controls and Console(width=10_000).measure(wide).maximum <= width:
        return wide
    return _terminal_table(ranking, shown, baseline_name, is_compact=True)


def summary_lines(
    ranking: Ranking,
    *,
    method_name: str = "the best configuration",
    baseline_name: str = "the baseline",
    controls: Mapping[str, Control] | None = None,
) -> list[str]:
    """Returns a few sentences: the best configuration, its test result next to the baseline's, failures.

    With controls also the gain of each over the baseline, and the share of the method's gain that it reaches.
    """
    lines = []
    best = ranking.best
    if best is None:
        lines.append("No trial finished, so there is no best configuration.")
    else:
        settings = settings_text(best.settings) or "the only configuration"
        lines.append(f"Best by {ranking.metric}: {settings}.")
        lines.extend(_test_lines(best, ranking))
        lines.extend(
            control_lines(
                ranking, method_name=method_name, baseline_name=baseline_name, controls=controls or {}
            )
        )
    if ranking.baseline is None:
        lines.append("There is no finished baseline to compare with.")
    if ranking.num_failed:
        lines.append(f"{_count(ranking.num_failed, 'trial')} failed.")
    return lines


def ranking_markdown(ranking: Ranking, *, baseline_name: str = "baseline") -> str:
    """Returns every row of the ranking as a Markdown table, the baseline in bold."""
    is_compact = bool(ranking.controls)
    header = _header(ranking, ranking.reported, is_compact=is_compact)
    rows = []
    for row in ranking.rows:
        cells = _cells(row, ranking, ranking.reported, baseline_name, is_compact=is_compact)
        rows.append([f"**{cell}**" for cell in cells] if row.is_baseline else cells)
    return "\n".join([markdown_table(header, rows), "", _caption(ranking), ""])


def plain_rows(ranking: Ranking) -> list[dict[str, Any]]:
    """Returns one flat dict per row; metrics unscaled, None where there is no number."""
    return [
        {
            "rank": row.rank,
            "is_baseline": row.is_baseline,
            **({"control": row.control} if ranking.controls else {}),
            "status": row.status,
            "verdict": row.verdict,
            **{f"config/{key}": row.settings.get(key) for key in ranking.searched},
            **_flat(ranking.metric, row.selection),
            **_flat(ranking.test_metric, row.test),
            **_flat(f"gain/{ranking.metric}", row.gain),
            **_flat(f"gain/{ranking.test_metric}", row.test_gain),
            **{
                key: value
                for name in ranking.reported
                for key, value in _flat(name, row.reported[name]).items()
            },
            "num_seeds": len(row.seeds),
            "num_failed": row.num_failed,
            "num_stopped": row.num_stopped,
            "num_unfinished": row.num_unfinished,
            "trial_ids": list(row.trial_ids),
        }
        for row in ranking.rows
    ]


def write_json(rows: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Writes the rows as a JSON list and returns the path."""
    path.write_text(json.dumps([dict(row) for row in rows], indent=2, default=str) + "\n", encoding="utf-8")
    return path


def write_parquet(rows: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Writes the rows as a Parquet table and returns the path; a column of mixed kinds becomes text."""
    names = dict.fromkeys(key for row in rows for key in row)
    pq.write_table(pa.table({name: _column([row.get(name) for row in rows]) for name in names}), path)
    return path


def _test_lines(best: RankedRow, ranking: Ranking) -> list[str]:
    if best.test is None:
        return []
    metric = ranking.test_metric
    unit = " %" if is_fraction(metric) else ""
    text = f"Its {metric_words(metric)} is {format_interval(best.test, metric=metric)}{unit}"
    baselines = [row for row in ranking.rows if row.is_baseline and row.test is not None]
    if len(baselines) == 1:
        text += f"; the baseline's is {format_interval(baselines[0].test, metric=metric)}{unit}"
    if best.test_gain is not None:
        gain = format_interval(best.test_gain, metric=metric, is_gain=True)
        text += f"; gain {gain} over {_count(best.test_gain.num_values, 'shared seed')}"
    return [f"{text}."]


def _column(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) > 1 and not kinds <= {int, float}:
        return pa.array([None if value is None else str(value) for value in values])
    return pa.array(values)


def _flat(name: str, interval: Interval | None) -> dict[str, float | None]:
    return {
        name: interval.mean if interval else None,
        f"{name}/half_width": interval.half_width if interval else None,
    }


def _shown_rows(ranking: Ranking, *, max_rows: int) -> list[RankedRow]:
    head = ranking.rows[:max_rows]
    return [*head, *(row for row in ranking.rows[max_rows:] if not row.is_candidate)]


def _terminal_table(
    ranking: Ranking, shown: list[RankedRow], baseline_name: str, *, is_compact: bool
) -> Table:
    reported = tuple(filter(is_fraction, ranking.reported))
    left_out = len(ranking.rows) - len(shown)
    caption = _caption(ranking) + (f" {left_out} more configurations are not shown." if left_out else "")
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, caption=caption, caption_justify="left"
    )
    for name in _header(ranking, reported, is_compact=is_compact):
        is_text = name in ("settings", "verdict")
        justify: Literal["left", "right"] = "left" if is_text else "right"
        table.add_column(name, justify=justify, no_wrap=name != "settings", overflow="fold")
    for row in shown:
        texts = _cells(row, ranking, reported, baseline_name, is_compact=is_compact)
        cells = [escape(cell) for cell in texts]
        style = "bold" if row.is_baseline else "dim" if row.status != "finished" else None
        verdict_style = VERDICT_STYLES.get(row.verdict) if row.status == "finished" else None
        cells[-1] = f"[{verdict_style}]{cells[-1]}[/]" if verdict_style else cells[-1]
        table.add_row(*cells, style=style)
    return table


def _header(ranking: Ranking, reported: Sequence[str], *, is_compact: bool) -> Cells:
    settings = ["settings"] if is_compact else list(ranking.searched)
    metrics = [_short(metric, ranking) for metric in (ranking.metric, ranking.test_metric, *reported)]
    return ["#", *settings, *metrics, "gain", "seeds", "verdict"]


def _short(metric: str, ranking: Ranking) -> str:
    if not is_fraction(metric):
        return metric
    part, _, name = metric.partition("/")
    if part == "best":  # of the epoch with the best selection metric
        return "best %" if name == "test_accuracy" else f"best {name.replace('_', ' ')} %"
    has_one_part = ranking.metric.partition("/")[0] == ranking.test_metric.partition("/")[0]
    return f"{name.replace('_', ' ') if has_one_part else part} %"


def _cells(
    row: RankedRow, ranking: Ranking, reported: Sequence[str], baseline_name: str, *, is_compact: bool
) -> Cells:
    if is_compact:
        name = baseline_name if row.is_baseline and ranking.controls else row.control
        settings = [name or settings_text(row.settings)]
    else:
        settings = [format_value(row.settings.get(key)) for key in ranking.searched]
    lacking = row.status == "finished" and (row.num_failed or row.num_stopped or row.num_unfinished)
    return [
        str(row.rank),
        *settings,
        format_interval(row.selection, metric=ranking.metric),
        format_interval(row.test, metric=ranking.test_metric),
        *(format_interval(row.reported[name], metric=name) for name in reported),
        format_interval(row.gain, metric=ranking.metric, is_gain=True),
        f"{len(row.seeds)} of {len(row.trial_ids)}" if lacking else str(len(row.seeds)),
        STATUS_WORDS.get(row.status, row.verdict),
    ]


def _caption(ranking: Ranking) -> str:
    unit = " in percentage points" if is_fraction(ranking.metric) else ""
    has_best = "best/test_accuracy" in ranking.reported
    return (
        f"Mean ± 95 % interval over seeds. Gain{unit}: {ranking.metric} over the baseline, paired by seed; "
        "the verdict is its interval's side of zero."
        + (" Best %: test accuracy of the epoch with the best validation." if has_best else "")
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
