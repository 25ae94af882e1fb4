"""The tracked Markdown files, and the code blocks in them."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def markdown_files() -> list[Path]:
    """Returns the Markdown files of the checkout that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def code_blocks(path: Path, language: str) -> list[str]:
    """Returns the fenced blocks of that language (empty: those that name none) in their order."""
    return [body for found, body in _BLOCK.findall(path.read_text(encoding="utf-8")) if found == language]


def without_code(path: Path) -> str:
    """Returns a file's prose: fenced blocks and code spans left out."""
    return re.sub(r"`[^`\n]*`", "", _BLOCK.sub("", path.read_text(encoding="utf-8")))
