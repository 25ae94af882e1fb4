"""Content-aware next to plain JPEG at equal size: table 2.1's metrics over a set of images."""

import math
from collections.abc import Mapping, Sequence

from rich.table import Table

from thesis.reporting.markdown_table import markdown_table
from thesis.statistics.intervals import t_interval

METRICS = ("psnr_s", "psnr", "psnr_hvs", "psnr_hvsm", "ssim", "ms_ssim", "vifp")
GAIN_COLUMNS = ("metric", "images", "plain JPEG", "content-aware", "gain", "95 % interval")
RULE = (
    "PSNR-S: PSNR over the pixels whose map is above 0.5. Sizes are matched to within 1 % where they can be."
)


def gain_rows(numbers: Sequence[Mapping[str, float]]) -> list[dict[str, float | str]]:
    """Returns per metric: both encoders' means, the mean gain image by image and its 95% interval."""
    rows: list[dict[str, float | str]] = []
    for metric in METRICS:
        pairs = [
            (each[f"std-jpeg/{metric}"], each[f"ms-roi/{metric}"])
            for each in numbers
            if math.isfinite(each.get(f"std-jpeg/{metric}", math.nan))
            and math.isfinite(each.get(f"ms-roi/{metric}", math.nan))
        ]
        if not pairs:
            continue
        gain = t_interval([ours - plain for plain, ours in pairs])
        if gain is None:
            continue
        rows.append(
            {
                "metric": metric,
                "images": len(pairs),
                "plain": math.fsum(plain for plain, _ in pairs) / len(pairs),
                "ours": math.fsum(ours for _, ours in pairs) / len(pairs),
                "gain": gain.mean,
                "gain_low": gain.low,
                "gain_high": gain.high,
            }
        )
    return rows


def gain_table(numbers: Sequence[Mapping[str, float]]) -> Table:
    """Returns the rows as a table for the terminal."""
    table = Table(title="Metrics at equal size")
    for name in GAIN_COLUMNS:
        table.add_column(name, justify="left" if name == "metric" else "right")
    for row in gain_rows(numbers):
        digits = 2 if str(row["metric"]).startswith("psnr") else 4
        interval = f"{row['gain_low']:+.{digits}f} .. {row['gain_high']:+.{digits}f}"
        table.add_row(
            str(row["metric"]),
            str(row["images"]),
            *(f"{row[key]:.{digits}f}" for key in ("plain", "ours")),
            f"{row['gain']:+.{digits}f}",
            interval if row["images"] != 1 else "",
        )
    return table


def level_rows(numbers: Sequence[Mapping[str, float]]) -> list[tuple[int, float, float]]:
    """Returns level, blocks and bytes of each level over all files, the least salient first."""
    num_levels = max((sum(key.startswith("level_bytes/") for key in each) for each in numbers), default=0)
    return [
        (
            level,
            math.fsum(each.get(f"level_blocks/{level}", 0) for each in numbers),
            math.fsum(each.get(f"level_bytes/{level}", 0) for each in numbers),
        )
        for level in range(num_levels)
    ]


def level_markdown(numbers: Sequence[Mapping[str, float]]) -> str:
    """Returns the bytes of each level as Markdown; empty where nothing was measured."""
    rows = [
        (str(level), f"{blocks:,.0f}", f"{size:,.0f}", f"{size / blocks if blocks else 0:.2f}")
        for level, blocks, size in level_rows(numbers)
    ]
    head = "Bytes by level, the least salient first; file headers belong to no level."
    table = markdown_table(("level", "blocks", "bytes", "bytes a block"), rows)
    return f"{head}\n\n{table}\n" if rows else ""


def gain_cells(numbers: Sequence[Mapping[str, float]]) -> list[tuple[str, ...]]:
    """Returns the rows of `gain_rows` as text, in the order of `GAIN_COLUMNS`."""
    return [
        (
            str(row["metric"]),
            str(row["images"]),
            f"{row['plain']:.4f}",
            f"{row['ours']:.4f}",
            f"{row['gain']:+.4f}",
            f"{row['gain_low']:+.4f} .. {row['gain_high']:+.4f}",
        )
        for row in gain_rows(numbers)
    ]


def gain_markdown(numbers: Sequence[Mapping[str, float]]) -> str:
    """Returns the rows as Markdown, the rule of PSNR-S above them."""
    return f"{RULE}\n\n{markdown_table(GAIN_COLUMNS, gain_cells(numbers))}\n"
