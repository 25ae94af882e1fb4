"""How ``thesis reproduce`` goes through tables: each in its own form, none stopping the others."""

import time
import traceback
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from thesis.cli.printing.evaluation_outcome import watching
from thesis.cli.printing.progress import make_watch
from thesis.execution.cluster.connection import ray_session as connected
from thesis.experiments.tables import REPRODUCTIONS
from thesis.paper.verdicts import VERDICTS
from thesis.reporting.tables.reproduced import (
    affected_claims,
    comparison_grids,
    find_comparison,
    keep_failure,
    measured_grid,
    measured_table,
    verdict_line,
)
from thesis.results.table_files import table_path
from thesis.workflows.reproduce import Made, make_table
from thesis.workflows.reproduce_plan import Settings, cost_of
from thesis.workflows.table_sources import Watches
from thesis_workloads.contract.errors import UserError

__all__ = ["Settings", "print_costs", "reproduce_all"]
_SHOWN_CLAIMS = 12
_SHOWN_ROWS = 40  # of a figure; a longer one is drawn and kept


@dataclass(frozen=True, kw_only=True)
class _Line:
    """How one table came out."""

    name: str
    status: str
    seconds: float
    detail: str = ""


def reproduce_all(names: list[str], settings: Settings, console: Console) -> int:
    """Reproduces tables one after the other; returns the exit code: 0, 1 if one broke, 130 if interrupted."""
    lines: list[_Line] = []
    shares_ray = len(names) > 1
    with connected(dashboard=False) if shares_ray else nullcontext():
        for name in names:
            line = _reproduce(name, settings, console)
            lines.append(line)
            if line.status == "interrupted":
                break
    if len(names) > 1:
        _print_summary(lines, names, settings, console)
    if lines[-1].status == "interrupted":
        return 130
    return 1 if any(line.status == "broken" for line in lines) else 0


def _reproduce(name: str, settings: Settings, console: Console) -> _Line:
    declared = REPRODUCTIONS[name]
    began = time.monotonic()
    watches = Watches(
        trials=make_watch(quiet=settings.quiet, console=console),
        rows=watching(quiet=settings.quiet, console=console),
    )
    if not settings.quiet:
        console.rule(f"{name}: {declared.title}", align="left")
    try:
        made = make_table(name, declared, settings, watches)
    except UserError as error:
        return _broken(name, settings, console, str(error), began)
    except KeyboardInterrupt:
        return _interrupted(name, console, began)
    except Exception as error:  # noqa: BLE001 - whatever breaks one table must not cost the others
        log = settings.output_dir / f"{name}-{settings.scale}-error.txt"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        words = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]} (see {log})"
        return _broken(name, settings, console, words, began)
    if made.was_interrupted:
        return _interrupted(name, console, began)
    _print_made(name, made, settings, console)
    status = "there already" if made.was_current else "measured in part" if made.missing else "measured"
    return _Line(name=name, status=status, seconds=time.monotonic() - began, detail=made.detail)


def _broken(name: str, settings: Settings, console: Console, error: str, began: float) -> _Line:
    keep_failure(settings.output_dir, table=name, scale=settings.scale, error=error)
    console.print(f"{name} failed: {error}", highlight=False, markup=False, soft_wrap=True)
    return _Line(name=name, status="broken", seconds=time.monotonic() - began, detail=error)


def _interrupted(name: str, console: Console, began: float) -> _Line:
    console.print(f"Interrupted at {name}; nothing finished is lost. The same command resumes.")
    return _Line(name=name, status="interrupted", seconds=time.monotonic() - began)


def _print_made(name: str, made: Made, settings: Settings, console: Console) -> None:
    where = {"table": name, "scale": settings.scale}
    comparison = find_comparison(settings.output_dir, **where)
    table = measured_table(settings.output_dir, **where)
    if comparison is not None and comparison.measured is not None and comparison.measured.rows:
        for grid in comparison_grids(comparison, width=console.width):
            console.print(grid)
    elif table is not None and len(table.rows) <= _SHOWN_ROWS:
        console.print(measured_grid(table))
    elif table is not None:
        kept = table_path(settings.output_dir, **where)
        console.print(f"{len(table.rows)} rows: {kept}", highlight=False, markup=False, soft_wrap=True)
    for text in (*(table.missing if table else ()), *(table.notes if table else ())):
        console.print(f"- {text}", highlight=False, markup=False)
    verdicts = affected_claims(settings.output_dir, **where)
    for verdict in verdicts[:_SHOWN_CLAIMS]:
        console.print(verdict_line(verdict), highlight=False, markup=False)
    if verdicts:
        counts = (f"{sum(each.verdict == kind for each in verdicts)} {kind}" for kind in VERDICTS)
        console.print(
            f"Of {len(verdicts)} claims that rest on it: {', '.join(counts)}.", highlight=False, markup=False
        )
    for figure in table.figures[:4] if table else ():
        console.print(
            f"Figure: {settings.output_dir / figure}", highlight=False, markup=False, soft_wrap=True
        )
    if made.detail:
        console.print(made.detail, highlight=False, markup=False, soft_wrap=True)


def _print_summary(lines: list[_Line], names: list[str], settings: Settings, console: Console) -> None:
    table = Table("table", "came out", "seconds", "", box=SIMPLE_HEAD, pad_edge=False)
    for line in lines:
        detail = line.detail if line.status == "broken" else ""
        table.add_row(line.name, line.status, f"{line.seconds:.0f}", detail)
    console.print(table)
    total = sum(line.seconds for line in lines)
    broken = sum(line.status == "broken" for line in lines)
    console.print(
        f"{len(lines)} of {len(names)} tables and figures at scale {settings.scale} in {total / 60:.1f} minutes,"
        f" {broken} broken. All of it as a page: thesis report{_output_option(settings.output_dir)}",
        highlight=False,
        markup=False,
    )


def _output_option(output_dir: Path) -> str:
    from thesis.settings import DEFAULT_OUTPUT_DIR

    return "" if output_dir == DEFAULT_OUTPUT_DIR else f" --output-dir {output_dir}"


def hours_text(hours: float) -> str:
    """Returns hours to two digits, without an exponent and without more than three places."""
    if 0 < hours < 0.001:
        return "< 0.001"
    return f"{hours:.2g}" if hours < 100 else f"{float(f'{hours:.2g}'):,.0f}"


def print_costs(names: list[str], settings: Settings, console: Console) -> None:
    """Prints what tables would run and cost; runs nothing."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in ("table", "title"):
        table.add_column(head, overflow="fold")
    for head in ("trials", "CPU core h", "GPU h", "memory GiB", "storage MiB"):
        table.add_column(head, justify="right")
    totals = [0.0, 0.0, 0.0]
    for name in names:
        declared = REPRODUCTIONS[name]
        try:
            cost = cost_of(name, declared, settings)
        except UserError as error:
            table.add_row(name, f"{declared.title}: {error}", *[""] * 5)
            continue
        totals = [
            a + b for a, b in zip(totals, (cost.num_trials, cost.core_hours, cost.gpu_hours), strict=True)
        ]
        table.add_row(
            name,
            declared.title,
            str(cost.num_trials),
            hours_text(cost.core_hours),
            hours_text(cost.gpu_hours),
            f"{cost.memory_gib:.1f}",
            f"{cost.storage_mib:.0f}",
        )
    console.print(table)
    console.print(
        f"{totals[0]:.0f} trials, {hours_text(totals[1])} CPU core hours or {hours_text(totals[2])} GPU hours if no"
        " table's trials are there yet and no two tables share one; memory is of one trial.",
        highlight=False,
        markup=False,
    )
