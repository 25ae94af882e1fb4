"""The arrows between the rooms of the house: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = ROOT / "platform"
WORKLOADS = ROOT / "workloads"

# A room of `thesis` -> the rooms and packages beside itself that it may import.
ARROWS = {
    "cli": {"thesis.errors", "thesis.experiments", "thesis.execution", "thesis.tracking", "thesis.reporting",
            "thesis.paper", "thesis_workloads"},
    "execution": {"thesis.errors", "thesis.experiments", "thesis.tracking", "thesis_workloads"},
    "tracking": {"thesis.errors"},
    "reporting": {"thesis.errors", "thesis.experiments", "thesis.paper", "thesis.tracking"},
    "experiments": {"thesis.errors", "thesis_workloads"},
    "paper": {"thesis.errors"},
}  # fmt: skip
ONLY_HOME = {"ray": "execution", "mlflow": "tracking", "typer": "cli"}


def modules_of(path: Path) -> list[str]:
    """Every module that a file imports, wherever in the file, TYPE_CHECKING included."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return names


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_a_room_imports_only_what_its_arrows_allow(room):
    allowed = {*ARROWS[room], f"thesis.{room}"}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files_below(PLATFORM / "thesis" / room)
        for name in modules_of(path)
        if name.split(".")[0] in ("thesis", "thesis_workloads") and name != "thesis"
        if not any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed)
    ]
    assert wrong == []


def test_declared_experiments_import_nothing_of_the_workloads_but_their_configs():
    wrong = [
        f"{path.name}: {name}"
        for path in files_below(PLATFORM / "thesis" / "experiments")
        for name in modules_of(path)
        if name.startswith("thesis_workloads") and not name.endswith(".config")
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(ONLY_HOME))
def test_a_framework_is_imported_in_its_only_home(package):
    wrong = [
        str(path.relative_to(ROOT))
        for path in files_below(PLATFORM / "thesis")
        if path.parent.name != ONLY_HOME[package]
        if any(name.split(".")[0] == package for name in modules_of(path))
    ]
    assert wrong == []


def test_the_workloads_know_nothing_of_the_platform():
    forbidden = {"ray", "mlflow", "typer", "thesis", "rich"}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files_below(WORKLOADS)
        for name in modules_of(path)
        if name.split(".")[0] in forbidden
    ]
    assert wrong == []


def test_neither_source_root_is_a_package():
    assert not (PLATFORM / "__init__.py").exists()
    assert not (WORKLOADS / "__init__.py").exists()


def test_no_file_has_a_name_that_explains_nothing():
    vague = {
        "util.py",
        "utils.py",
        "helper.py",
        "helpers.py",
        "common.py",
        "misc.py",
        "manager.py",
        "base.py",
    }
    assert [path for path in files_below(PLATFORM) + files_below(WORKLOADS) if path.name in vague] == []
