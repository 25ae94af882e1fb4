"""``thesis list``: systems, their settings, and datasets and whether they are here."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from thesis.cli.options import DataDirOption
from thesis.experiments.tables import NOT_REPRODUCED, REPRODUCTIONS
from thesis_workloads.contract.experiment import tables_of
from thesis_workloads.contract.search_space import Choice, Dimension
from thesis_workloads.registry import all_systems, find_system


def list_command(
    system: Annotated[
        str | None, typer.Argument(help="Show one system's settings.", show_default=False)
    ] = None,
    data_dir: DataDirOption = None,
) -> None:
    """List systems, experiments and datasets; with a system's name, its settings and search space."""
    console = Console()
    if system is not None:
        _print_system(system, console)
        return
    _print_systems(console)
    _print_reproductions(console)
    _print_datasets(data_dir, console)


def _print_systems(console: Console) -> None:
    table = Table(
        "system", "what", "tables and figures", "sweep space", title="Systems", title_justify="left"
    )
    for declared in all_systems().values():
        space = " ".join(f"{key}={_words(dimension)}" for key, dimension in declared.space.items())
        table.add_row(declared.name, declared.title, ", ".join(tables_of(declared)), space)
    console.print(table)


def _print_reproductions(console: Console) -> None:
    table = Table("table or figure", "what", title="What 'thesis reproduce' knows", title_justify="left")
    for name, declared in REPRODUCTIONS.items():
        table.add_row(name, declared.title)
    for name, reason in NOT_REPRODUCED.items():
        table.add_row(name, f"not by one command: {reason}")
    console.print(table)


def _print_datasets(data_dir: Path | None, console: Console) -> None:
    from thesis_workloads.datasets.catalog import IMAGE_SETS, status

    table = Table("dataset", "what", "images", "here", title="Datasets", title_justify="left")
    for name, declared in IMAGE_SETS.items():
        found = status(name, data_dir)
        here = f"yes, {found.found}" if found.is_here else f"no: {found.remedy}"
        table.add_row(name, declared.description, f"{declared.num_train}+{declared.num_test}", here)
    console.print(table)


def _print_system(name: str, console: Console) -> None:
    import dataclasses

    declared = find_system(name)
    chapter = f" (chapter {declared.chapter})" if declared.chapter else ""
    title = f": {declared.title}" if declared.title else ""
    console.print(f"[bold]{declared.name}[/bold]{title}{chapter}")
    table = Table("setting", "type", "default", "searched by default", title_justify="left")
    for field in dataclasses.fields(declared.config):
        searched = _words(declared.space[field.name]) if field.name in declared.space else ""
        kind = field.type if isinstance(field.type, str) else field.type.__name__
        table.add_row(field.name, kind, str(field.default), searched)
    console.print(table)
    for name, control in declared.controls.items():
        changed = " ".join(f"{key}={value}" for key, value in control.overrides.items())
        console.print(
            f"control {name}: {changed or f'{control.metric} of the baseline'}",
            highlight=False,
            soft_wrap=True,
        )
    for scale, overrides in declared.scales.items():
        changed = " ".join(f"{key}={value}" for key, value in overrides.items()) or "the defaults above"
        console.print(f"--scale {scale}: {changed}", highlight=False)


def _words(dimension: Dimension) -> str:
    if isinstance(dimension, Choice):
        return ",".join(str(value) for value in dimension.values)
    return f"{dimension.low:g}:{dimension.high:g}" + (":log" if dimension.log else "")
