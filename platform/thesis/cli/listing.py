"""``thesis list``: systems, their settings, and datasets and whether they are here."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from thesis.cli.options import DataDirOption
from thesis.experiments.evaluation_plan import CONFIGS
from thesis.experiments.tables import NOT_REPRODUCED, REPRODUCTIONS
from thesis_workloads.contract.experiment import Experiment, tables_of
from thesis_workloads.contract.search_space import Choice, Dimension, Space
from thesis_workloads.contract.settings import describe_settings
from thesis_workloads.registry import all_systems, find_system

_TYPES = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": ""}
_DEFAULT_WIDTH = 20  # characters of a default before it is folded: the description needs the room
_PUBLISHED = re.compile(r"(?P<kind>table|figure)-(?P<chapter>\d+)\.(?P<number>\d+)(?P<part>\w?)")


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


def _table(*columns: str, title: str = "") -> Table:
    """Returns an empty table in which long words are folded, never cut."""
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print_systems(console: Console) -> None:
    table = _table("chapter", "system", "what", "searched by default", title="Systems")
    for declared in sorted(all_systems().values(), key=_chapter_order):
        searched = "\n".join(f"{key}: {_words(dimension)}" for key, dimension in declared.space.items())
        table.add_row(str(declared.chapter or ""), declared.name, declared.title, searched)
    console.print(table)


def _chapter_order(system: Experiment) -> float:
    return system.chapter or float("inf")  # those of other origin come last


def _print_reproductions(console: Console) -> None:
    chapters = {name: system.chapter for system in all_systems().values() for name in tables_of(system)}
    table = _table("table or figure", "what", title="What 'thesis reproduce' knows")
    names = [*REPRODUCTIONS, *NOT_REPRODUCED]
    for name in sorted(names, key=lambda name: _published_order(name, chapters.get(name, 0))):
        what = (
            f"not by one command: {NOT_REPRODUCED[name]}"
            if name in NOT_REPRODUCED
            else REPRODUCTIONS[name].title
        )
        table.add_row(name, Text(what))
    console.print(table)


def _published_order(name: str, chapter: int) -> tuple[float, int, int, str]:
    """Chapter by chapter: its tables, its figures, then what has no published number, by the system's chapter."""
    found = _PUBLISHED.fullmatch(name)
    if found is None:
        return (chapter or float("inf"), 2, 0, name)
    kind = 0 if found["kind"] == "table" else 1
    return (int(found["chapter"]), kind, int(found["number"]), found["part"])


def _print_datasets(data_dir: Path | None, console: Console) -> None:
    from thesis_workloads.datasets.catalog import IMAGE_SETS, status

    table = _table("dataset", "images", "what it is, whether it is here", title="Datasets")
    for name, declared in IMAGE_SETS.items():
        found = status(name, data_dir)
        here = f"here: {found.found}" if found.is_here else f"not here: {found.remedy}"
        num_images = f"{declared.num_train}+{declared.num_test}"
        table.add_row(name, num_images, Text(f"{declared.description}\n{here}"))
    console.print(table)


def _print_system(name: str, console: Console) -> None:
    declared = find_system(name)
    chapter = f" (chapter {declared.chapter})" if declared.chapter else ""
    title = f": {declared.title}" if declared.title else ""
    console.print(Text.assemble((declared.name, "bold"), title, chapter))
    _print_settings(declared.config, declared.space, console)
    evaluated = CONFIGS.get(declared.name, declared.config)
    if evaluated is not declared.config:
        console.print(f"Settings of 'thesis evaluate {declared.name}'", style="italic")
        _print_settings(evaluated, {}, console)
    for name, control in declared.controls.items():
        changed = " ".join(f"{key}={value}" for key, value in control.overrides.items())
        _say(f"control {name}: {changed or f'{control.metric} of the baseline'}", console)
    for scale, overrides in declared.scales.items():
        changed = " ".join(f"{key}={value}" for key, value in overrides.items()) or "the defaults above"
        _say(f"--scale {scale}: {changed}", console)
        space = declared.scale_spaces.get(scale, {})
        if space:
            words = "; ".join(f"{key}: {_words(dimension)}" for key, dimension in space.items())
            _say(f"--scale {scale} searches {words}", console)
    names = sorted(tables_of(declared), key=lambda name: _published_order(name, declared.chapter))
    if names:
        _say(f"thesis reproduce: {', '.join(names)}", console)


def _print_settings(config: type, space: Space, console: Console) -> None:
    table = _table("setting", "default", "what it is, what it may be")
    table.columns[1].max_width = _DEFAULT_WIDTH
    for name, known in describe_settings(config).items():
        rule = known["allowed"]
        if not rule.startswith("one of "):
            rule = ", ".join(filter(None, (_TYPES.get(known["type"], known["type"]), rule)))
        lines = [
            known["description"],
            f"must be {rule}" if rule else "",
            f"searched by default: {_words(space[name])}" if name in space else "",
        ]
        table.add_row(name, Text(known["default"] or "empty"), Text("\n".join(filter(None, lines))))
    console.print(table)


def _say(text: str, console: Console) -> None:
    console.print(Text(text))


def _words(dimension: Dimension) -> str:
    if isinstance(dimension, Choice):
        return ", ".join(str(value) for value in dimension.values)
    return f"{dimension.low:g} to {dimension.high:g}" + (" (log)" if dimension.log else "")
