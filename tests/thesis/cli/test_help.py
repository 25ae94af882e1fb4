import subprocess
import sys

import pytest

HEAVY = "('torch', 'ray', 'mlflow', 'numpy', 'matplotlib', 'sklearn')"
PROGRAM = f"""
import sys
from thesis.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
heavy = [name for name in {HEAVY} if name in sys.modules]
assert not heavy, heavy
"""


@pytest.mark.parametrize(
    "command", [["--help"], ["list"], ["--version"], ["sweep", "--help"], ["list", "repr"]]
)
def test_help_and_lists_import_nothing_heavy(command):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


COMMANDS = [
    "ask", "list", "train", "sweep", "evaluate", "defend", "diagnose", "paraphrase", "prepare", "resume", "report",
    "submit", "ui", "doctor",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    done = subprocess.run(
        [sys.executable, "-m", "thesis", command, "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage:" in done.stdout
    assert len(done.stdout) > 300
