import subprocess
import sys
import tomllib
from importlib.resources import files

import pytest

from thesis.experiments.tables import NOT_REPRODUCED, REPRODUCTIONS, find_reproduction
from thesis_workloads.contract.errors import UserError

TABLES = files("thesis.paper") / "tables.toml"


def test_every_printed_table_is_declared_or_has_a_reason():
    printed = [table["id"] for table in tomllib.loads(TABLES.read_text())["table"]]
    assert [name for name in printed if name not in REPRODUCTIONS and name not in NOT_REPRODUCED] == []


def test_a_declaration_says_its_own_name():
    assert [
        name
        for name, declared in REPRODUCTIONS.items()
        if getattr(declared, "table", None) != name and getattr(declared, "name", None) != name
    ] == []


def test_an_unknown_table_is_refused_with_the_nearest():
    with pytest.raises(UserError, match=r"did you mean 'table-5\.1'"):
        find_reproduction("table-5.11")


def test_a_plan_of_declarations_imports_neither_torch_nor_ray():
    code = (
        "import sys, thesis.experiments.tables, thesis.cli.reproduce;"
        "print([name for name in ('torch', 'ray', 'mlflow') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
