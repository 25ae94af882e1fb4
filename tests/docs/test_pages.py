"""What the Markdown pages point at exists, and what they tell a user to type is understood."""

import itertools
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main
from markdown_pages import ROOT, code_blocks, markdown_files, without_code

from thesis.cli.app import app
from thesis.cli.reference import cli_reference
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import parse_overrides
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.contract.tables import SCALES
from thesis_workloads.registry import all_tables, find_swept, find_system

PAGES = markdown_files()
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
_PATH = re.compile(r"`((?:platform|workloads|tests|clusters)/[\w./-]+)`")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_relative_link_points_at_a_file():
    dead = [
        f"{name_of(page)}: {target}"
        for page in PAGES
        for target in _LINK.findall(without_code(page))
        if "://" not in target and not target.startswith(("#", "mailto:"))
        if not (page.parent / target.partition("#")[0]).exists()
    ]
    assert dead == []


def test_every_anchor_of_a_link_is_a_heading():
    dead = [
        f"{name_of(page)}: {target}"
        for page in PAGES
        for target in _LINK.findall(without_code(page))
        if "#" in target and "://" not in target
        if target.partition("#")[2]
        not in anchors(page.parent / target.partition("#")[0] if target[0] != "#" else page)
    ]
    assert dead == []


def anchors(page: Path) -> set[str]:
    headings = (
        re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE) if page.is_file() else []
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_file_that_a_page_names_by_its_path_exists():
    dead = [
        f"{name_of(page)}: {path}"
        for page in PAGES
        if "results" not in page.parts  # kept as they were measured
        for path in _PATH.findall(page.read_text(encoding="utf-8"))
        if not any(ROOT.glob(path.rstrip("/")))
    ]
    assert dead == []


def commands() -> list[tuple[str, str]]:
    """Every ``thesis ...`` line of the pages' code blocks: page and command."""
    found = []
    for page in PAGES:
        for block in itertools.chain.from_iterable(
            code_blocks(page, language) for language in ("", "sh", "bash")
        ):
            for line in block.replace("\\\n", " ").splitlines():
                found += [
                    (name_of(page), each.strip())
                    for each in parts(line)
                    if each.strip().startswith("thesis ")
                ]
    return list(dict.fromkeys(found))


def parts(line: str) -> list[str]:
    """The commands of a shell line, its comment left out and its variables too."""
    words = (
        shlex.split(line, comments=True, posix=False)
        if "'" not in line.partition("#")[0]
        else line.split(" # ")[0].split()
    )
    return [re.sub(r"^(\w+=\S+ )+", "", each.strip()) for each in " ".join(words).split("&&")]


def problem_with(arguments: list[str]) -> str:
    """An empty string where the command line understands the arguments."""
    if arguments[0] == "submit" and "--" in arguments:
        return problem_with(arguments[arguments.index("--") + 1 :])
    command, words = typer.main.get_command(app), list(arguments)
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        if name.startswith("-"):
            return ""
        if name not in command.commands:
            return f"there is no command {name}"
        command = command.commands[name]
    try:
        parsed = command.make_context("thesis", words).params
    except _USAGE_ERROR as error:  # a file that the page's reader has is not here
        return "" if "does not exist" in str(error) else str(error) or type(error).__name__
    try:
        check_settings(arguments[0], parsed)
    except UserError as error:
        return str(error)
    return ""


def check_settings(command: str, parsed: dict[str, Any]) -> None:
    """Refuses a system, setting, value, table or scale that there is not."""
    if command in ("train", "sweep") and not parsed["system"].endswith(".py"):
        system = (find_swept if command == "sweep" else find_system)(parsed["system"])
        parse_overrides(parsed["set_"] or [], system.config)
        parse_space(parsed.get("space") or [], system.config)
    for table in (*(parsed.get("ids") or ()), parsed.get("table") or "all"):
        if table not in (*all_tables(), "all"):
            raise UserError(f"there is no declared table {table}")
    if (parsed.get("scale") or SCALES[0]) not in SCALES:
        raise UserError(f"there is no scale {parsed['scale']}")


def test_the_pages_have_commands():
    assert len(commands()) > 50


def test_every_command_of_the_pages_is_understood():
    wrong = [
        f"{page}: {command}: {problem}"
        for page, command in commands()
        if "..." not in command
        if (problem := problem_with(shlex.split(command)[1:]))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "command",
    [
        "thesis sweep repr --no-such-option",
        "thesis swep repr",
        "thesis train repr --set no=1",
        "thesis reproduce table-9.9",
        "thesis sweep repr --scale huge",
    ],
)
def test_a_wrong_command_would_be_found(command):
    assert problem_with(shlex.split(command)[1:]) != ""


def test_the_reference_of_the_command_line_is_up_to_date():
    page = ROOT / "platform/docs/reference/cli.md"
    assert page.read_text(encoding="utf-8") == cli_reference(), (
        "run python -m thesis.cli.reference platform/docs/reference/cli.md"
    )


def test_the_reference_has_every_command_and_does_not_depend_on_the_terminal(monkeypatch):
    written = cli_reference()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("THESIS_OUTPUT_DIR", "/elsewhere")
    assert cli_reference() == written
    for name in typer.main.get_command(app).commands:
        assert f"## thesis {name}" in written


def test_every_variable_that_the_code_reads_is_documented():
    page = (ROOT / "platform/docs/reference/environment.md").read_text(encoding="utf-8")
    read = {
        name
        for root in ("platform/thesis", "workloads/thesis_workloads")
        for path in (ROOT / root).rglob("*.py")
        for name in re.findall(r"THESIS_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
        if name != "THESIS_CLUSTER"  # the beginning of two names
    }
    assert sorted(name for name in read if f"`{name}`" not in page) == []


SYSTEMS = sorted(
    path.parent for path in (ROOT / "workloads/thesis_workloads/systems").glob("*/experiment.py")
)


@pytest.mark.parametrize("folder", SYSTEMS, ids=lambda folder: folder.name)
def test_every_system_has_a_page_that_names_its_files_and_no_other(folder):
    page = (folder / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", page.partition("## Files")[2].rpartition("|")[0]))
    files = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if path.name != "__init__.py" and "detection" not in path.relative_to(folder).parts
    }
    assert named - {"detection/detector.py"} == files
