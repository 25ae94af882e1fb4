"""Adding system eight takes one new folder and one line of the registry: made here as workloads/README.md says."""

import ast
import sys

import pytest
from typer.testing import CliRunner

import thesis_workloads.systems
from thesis.cli.app import app
from thesis.experiments.plan import make_config
from thesis_workloads import registry
from thesis_workloads.contract.experiment import workload_of
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.registry import all_systems, find_system

FILES = {"__init__.py", "config.py", "workload.py", "experiment.py"}


def split(study: str, declaration: str) -> dict[str, str]:
    """The study's one file as the four files of a system's folder."""
    tree = ast.parse(study)
    part = {getattr(node, "name", ""): ast.unparse(node) for node in tree.body}
    imports = "\n".join(
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    )
    functions = "\n\n".join(part[name] for name in ("load", "features", "accuracy", "train"))
    return {
        "__init__.py": '"""Sinusoidal features on two spirals."""\n',
        "config.py": f"from dataclasses import dataclass\n\n{part['Config']}\n",
        "workload.py": f"{imports}\n\n{functions}\n\nWORKLOAD = Workload(load=load, train=train, data_fields=())\n",
        "experiment.py": declaration,
    }


@pytest.fixture
def eighth_system(tmp_path, monkeypatch, guide_blocks):
    study, _, declaration, line = guide_blocks
    folder = tmp_path / "spirals"
    folder.mkdir()
    for name, text in split(study, declaration).items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(
        thesis_workloads.systems, "__path__", [*thesis_workloads.systems.__path__, str(tmp_path)]
    )
    [reference] = eval(
        f"({line.strip()})", {"_SYSTEMS": registry._SYSTEMS}
    )  # the line as it stands in the page
    monkeypatch.setattr(registry, "BUILT_IN", (*registry.BUILT_IN, reference))
    clear()
    yield folder
    clear()
    for name in [name for name in sys.modules if name.startswith("thesis_workloads.systems.spirals")]:
        del sys.modules[name]


def clear():
    registry.all_systems.cache_clear()
    registry.all_tables.cache_clear()


def test_the_eighth_system_is_one_folder_and_one_line(eighth_system, guide_blocks):
    assert {path.name for path in eighth_system.glob("*.py")} == FILES
    assert guide_blocks[3].strip().count("\n") == 0
    assert list(all_systems())[-1] == "spirals"


def test_the_eighth_system_is_listed_with_its_settings(eighth_system):
    listed = CliRunner().invoke(app, ["list"])
    assert listed.exit_code == 0, listed.output
    assert "spirals" in listed.output
    settings = CliRunner().invoke(app, ["list", "spirals"])
    assert settings.exit_code == 0, settings.output
    assert "frequencies" in settings.output


@pytest.mark.parametrize("command", ["train", "sweep"])
def test_the_eighth_system_is_planned(eighth_system, command):
    result = CliRunner().invoke(app, [command, "spirals", "--plan"])
    assert result.exit_code == 0, result.output


def test_the_eighth_system_is_trained(eighth_system):
    system = find_system("spirals")
    config, workload = make_config(system, scale="small", overrides={"epochs": 5}), workload_of(system)
    reporter = MemoryReporter()
    workload.train(config, workload.load(config, None), reporter)
    assert [row["epoch"] for row in reporter.rows] == [1, 2, 3, 4, 5]
    assert system.selection_metric in reporter.rows[0]
    assert system.test_metric in reporter.rows[-1]


def test_listing_the_eighth_system_imports_no_network(eighth_system):
    all_systems()
    assert "thesis_workloads.systems.spirals.workload" not in sys.modules
