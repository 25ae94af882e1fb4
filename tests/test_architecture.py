"""The plan of the house: which room may import which, and what no file may be called."""

import ast
import functools
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = ROOT / "platform"
WORKLOADS = ROOT / "workloads"

# A room of `thesis` -> the other rooms and packages that it may import.
ARROWS = {
    "cli": {"thesis.workflows", "thesis.execution", "thesis.reporting", "thesis.experiments", "thesis.results",
            "thesis.tracking", "thesis.paper", "thesis.settings", "thesis_workloads"},
    "workflows": {"thesis.execution", "thesis.reporting", "thesis.experiments", "thesis.results", "thesis.tracking",
                  "thesis.paper", "thesis.settings", "thesis.statistics", "thesis_workloads"},
    "execution": {"thesis.experiments", "thesis.results", "thesis.tracking", "thesis.settings", "thesis_workloads"},
    "reporting": {"thesis.experiments", "thesis.paper", "thesis.results", "thesis.statistics", "thesis.tracking",
                  "thesis.settings", "thesis_workloads.contract", "thesis_workloads.registry",
                  "thesis_workloads.systems"},
    "experiments": {"thesis.settings", "thesis_workloads"},
    "paper": {"thesis.results", "thesis.statistics", "thesis_workloads.contract"},
    "results": {"thesis_workloads.contract"},
    "statistics": set(),
    "tracking": {"thesis_workloads.contract"},
}  # fmt: skip
# What every room may import: default folders, atomic files, one-line errors; standard library only.
GROUND = {"thesis.settings", "thesis.files", "thesis.errors"}
# A folder of `execution` -> the other folders of `execution` that it may import.
EXECUTION_ARROWS = {
    "measurements": {"inference", "training", "evaluation", "preparation", "cluster", "storage"},
    "inference": {"training", "evaluation", "preparation", "cluster", "storage"},
    "training": {"evaluation", "preparation", "cluster", "storage"},
    "evaluation": {"preparation", "cluster", "storage"},
    "preparation": {"cluster", "storage"},
    "cluster": {"storage"},
    "storage": set(),
}
# A package outside the standard library -> the only folder below `thesis` that imports it.
ONLY_HOME = {"ray": "execution", "mlflow": "tracking/mlflow", "typer": "cli"}
# A folder of `thesis_workloads` -> the other folders that it may import; shared science knows no system.
SHARED = {"attacks", "classifiers", "contract", "datasets", "defenses", "imaging", "metrics", "saliency", "text",
          "training"}  # fmt: skip
# Systems are built from shared science, not from each other; the exceptions, with their reason.
SYSTEM_ARROWS = {
    "aug_ms_roi": {
        "ms_roi",
        "pixel_deflection",
    },  # perturbs MS-ROI's network; attacked images as chapter 4 makes them
}
# What a declaration may import, so that listing systems and tables is quick.
DECLARATIONS = (
    "regime.py",
    "experiment.py",
    "tables.py",
    "figures.py",
    "curve_figures.py",
    "analyses.py",
    "settings.py",
    "config.py",
    "jpeg_defenses.py",
    "__init__.py",
)
MAX_FILES_OF_A_FOLDER = 16
MAX_LINES = 300


@functools.cache
def modules_of(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, wherever in the file, TYPE_CHECKING included."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(names)


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def module_name(path: Path) -> str:
    root = PLATFORM if path.is_relative_to(PLATFORM) else WORKLOADS
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def imports() -> dict[str, set[str]]:
    """Module -> the modules of the house that it imports."""
    files = {module_name(path): path for root in (PLATFORM, WORKLOADS) for path in files_below(root)}
    return {
        name: {each for each in modules_of(path) if each in files and each != name}
        for name, path in files.items()
    }


def is_below(name: str, prefixes: set[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def circles(arrows: dict[str, set[str]]) -> list[str]:
    """Names that can be reached from themselves."""
    found = []
    for start in arrows:
        seen, waiting = set(), list(arrows[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += arrows.get(name, ())
        if start in seen:
            found.append(start)
    return found


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_a_room_imports_only_what_its_arrows_allow(room):
    allowed = {*ARROWS[room], *GROUND, f"thesis.{room}"}
    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if module.startswith(f"thesis.{room}.")
        for name in names - {"thesis", "thesis_workloads", "thesis_workloads.systems"}
        if not is_below(name, allowed)
    ]
    assert wrong == []


def test_the_rooms_and_their_arrows_are_listed():
    rooms = {path.name for path in (PLATFORM / "thesis").iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(ARROWS)


@pytest.mark.parametrize("folder", sorted(EXECUTION_ARROWS))
def test_a_folder_of_execution_imports_only_lower_floors(folder):
    allowed = {f"thesis.execution.{name}" for name in (folder, *EXECUTION_ARROWS[folder])}
    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if module.startswith(f"thesis.execution.{folder}.")
        for name in names
        if name.startswith("thesis.execution.") and not is_below(name, allowed)
    ]
    assert wrong == []


def test_execution_has_at_most_seven_folders():
    folders = {
        path.name for path in (PLATFORM / "thesis/execution").iterdir() if (path / "__init__.py").exists()
    }
    assert folders == set(EXECUTION_ARROWS)
    assert len(folders) <= 7


def test_no_import_goes_in_a_circle_by_file():
    assert circles(imports()) == []


def test_no_import_goes_in_a_circle_by_folder():
    arrows = defaultdict(set)
    for module, names in imports().items():
        folder = folder_of(module)
        arrows[folder] |= {folder_of(name) for name in names} - {folder}
    assert circles(arrows) == []


def folder_of(module: str) -> str:
    """The folder that a module lies in; a system is one folder, with all that is below it."""
    parts = module.split(".")
    if parts[:2] == ["thesis_workloads", "systems"]:
        return ".".join(parts[:3])
    path = next(root / Path(*parts) for root in (PLATFORM, WORKLOADS) if (root / parts[0]).exists())
    return module if path.is_dir() else ".".join(parts[:-1]) if len(parts) > 2 else module


@pytest.mark.parametrize("package", sorted(ONLY_HOME))
def test_a_framework_is_imported_in_its_only_home(package):
    home = PLATFORM / "thesis" / ONLY_HOME[package]
    wrong = [
        str(path.relative_to(ROOT))
        for path in files_below(PLATFORM / "thesis")
        if not path.is_relative_to(home)
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


def test_shared_science_knows_no_system():
    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if module.split(".")[0] == "thesis_workloads"
        and module.split(".")[1:2]
        and module.split(".")[1] in SHARED
        for name in names
        if name.startswith("thesis_workloads.systems.")
    ]
    assert wrong == []


def test_a_system_imports_no_other_system():
    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if module.startswith("thesis_workloads.systems.")
        for name in names
        if name.startswith("thesis_workloads.systems.")
        if name.split(".")[2] not in {module.split(".")[2], *SYSTEM_ARROWS.get(module.split(".")[2], ())}
    ]
    assert wrong == []


def test_the_contract_needs_the_standard_library_alone():
    wrong = [
        f"{path.name}: {name}"
        for path in files_below(WORKLOADS / "thesis_workloads/contract")
        for name in modules_of(path)
        if name.split(".")[0] in ("torch", "numpy", "scipy", "PIL")
        or (name.startswith("thesis_workloads.") and not name.startswith("thesis_workloads.contract"))
    ]
    assert wrong == []


def test_declarations_import_nothing_but_the_contract_and_declarations():
    names = {
        module_name(path)
        for path in files_below(WORKLOADS / "thesis_workloads/systems")
        if path.name.endswith(DECLARATIONS)
    }
    wrong = [
        f"{module}: {name}"
        for module in names
        for name in imports()[module]
        if not name.startswith("thesis_workloads.contract")
        and name not in names | {"thesis_workloads.systems"}
    ]
    assert wrong == []


def test_neither_source_root_is_a_package():
    assert not (PLATFORM / "__init__.py").exists()
    assert not (WORKLOADS / "__init__.py").exists()


def test_every_folder_of_modules_is_a_package():
    folders = {
        path.parent
        for root in ("platform/thesis", "workloads/thesis_workloads")
        for path in files_below(ROOT / root)
    }
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


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


def test_no_file_is_longer_than_one_idea():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files_below(PLATFORM) + files_below(WORKLOADS)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_no_folder_of_execution_holds_more_files_than_can_be_guessed():
    counts = {
        folder: len(list((PLATFORM / "thesis/execution" / folder).glob("[!_]*.py")))
        for folder in EXECUTION_ARROWS
    }
    assert {folder: count for folder, count in counts.items() if count > MAX_FILES_OF_A_FOLDER} == {}


# Words that the rules for English rule out (platform/docs/CONTRIBUTING.md); the right ones stand beside them.
RULED_OUT = {
    r"\banew\b": "again",
    r"in good order": "cleanly",
    r"\breckon(s|ed|ing)?\b": "estimate",
    r"\bhangs on\b": "depends on",
    r"\bwhoever\b": "any user",
    r"take_apart|put_together": "to_object_store, from_object_store",
    r"\bslopes\b": "gradients",
    r"held[ _]apart": "held out",
    r"go(es)? on with": "resume",
    r"whole or not at all": "atomically",
    r"\bof one's own\b": "your own",
    r"\bmends?\b|\bmended\b": "fix",
}


def test_the_project_speaks_plain_english():
    pages = [
        path for path in ROOT.rglob("*.md") if not {".venv", "results"} & set(path.relative_to(ROOT).parts)
    ]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()} -> {better}"
        for path in [*files_below(PLATFORM), *files_below(WORKLOADS), *pages]
        if path.name != "CONTRIBUTING.md"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for pattern, better in RULED_OUT.items()
        if (match := re.search(pattern, line, re.IGNORECASE))
    ]
    assert found == []
