"""Rows of a CSV file with long texts, one at a time, whatever some of them are like.

A row that can't be read is left out and counted with its number (from 1, the header not counted). What a
row says never reaches a message: it may be a patient's.
"""

import csv
import io
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.text_file import open_text

MAX_ROW_CHARACTERS = 2_000_000  # a longer row is taken for a broken one; bounds the memory
DELIMITERS = (",", ";", "\t")
NAMED_ROWS = 10  # row numbers that a message gives for each kind of problem

_LOG = logging.getLogger(__name__)


@dataclass
class ParseErrors:
    """What was wrong with the rows of a file, by kind."""

    file: str
    counts: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[int]] = field(default_factory=dict)  # the first ones

    def add(self, kind: str, row: int) -> None:
        """Counts a problem of a row."""
        self.counts[kind] += 1
        named = self.rows.setdefault(kind, [])
        if len(named) < NAMED_ROWS:
            named.append(row)

    def lines(self) -> list[str]:
        """Returns one line for each kind: how many rows, and the numbers of the first."""
        return [
            f"{self.file}: {count} rows left out: {kind} (row {', '.join(map(str, self.rows[kind]))}"
            f"{', ...' if count > len(self.rows[kind]) else ''})"
            for kind, count in sorted(self.counts.items())
        ]

    def log(self) -> None:
        """Writes the lines as warnings."""
        for line in self.lines():
            _LOG.warning(line)


def read_rows(
    path: Path, columns: Sequence[str], problems: ParseErrors, *, starts: re.Pattern[str] | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields the number and the named columns of every row that can be read.

    With ``starts``, a row goes from a line that matches to the line before the next one, so that a
    quotation mark which is never closed spoils its own row only. Without it, a row is a line.

    Raises:
        DatasetDamaged: if the file has not these columns.
    """
    with open_text(path) as file:
        header = read_header(file, path, columns)
        for number, text in enumerate(joined_rows(file, starts), start=1):
            values = parse_row(text, number, header, problems)
            if values is not None:
                yield number, values


@dataclass(frozen=True)
class Header:
    """Which columns a file has, and where those that are wanted stand."""

    num_columns: int
    places: Mapping[str, int]
    delimiter: str = ","


def read_header(file: TextIO, path: Path, columns: Sequence[str]) -> Header:
    """Returns the places of the named columns from a file's first line, and what separates them.

    Excel writes semicolons where the comma is in numbers, and may put a line ``sep=;`` first.

    Raises:
        DatasetDamaged: if the file has not these columns.
    """
    line = file.readline(MAX_ROW_CHARACTERS)
    if line.lower().startswith("sep="):
        line = file.readline(MAX_ROW_CHARACTERS)
    headers = {delimiter: _names(line, delimiter) for delimiter in DELIMITERS}
    delimiter, header = max(headers.items(), key=lambda item: sum(name in item[1] for name in columns))
    missing = [name for name in columns if name not in header]
    if missing:
        # Not what stands there: without a header it would be a row, which may be a patient's.
        raise DatasetDamaged(
            f"{path} must name the columns {', '.join(columns)} in its first line, between commas, semicolons or"
            f" tabs; it lacks {', '.join(missing)}"
        )
    return Header(len(header), {name: header.index(name) for name in columns}, delimiter)


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().upper() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def joined_rows(lines: Iterable[str], starts: re.Pattern[str] | None) -> Iterator[str]:
    """Yields whole rows; one that is too long is cut after `MAX_ROW_CHARACTERS`."""
    parts: list[str] = []
    size = 0
    for line in lines:
        if parts and (starts is None or starts.match(line)):
            yield "".join(parts)
            parts, size = [], 0
        if size <= MAX_ROW_CHARACTERS:
            parts.append(line)
            size += len(line)
    if parts:
        yield "".join(parts)


def parse_row(text: str, number: int, header: Header, problems: ParseErrors) -> dict[str, str] | None:
    """Returns the named columns of a row, or None where it can't be read: then its problem is counted."""
    if not text.strip():
        return None
    if len(text) > MAX_ROW_CHARACTERS:
        problems.add("longer than any note", number)
        return None
    # The limit on a field is the module's, for the whole process; a text may have all of its row.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_ROW_CHARACTERS))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=header.delimiter, strict=True))
    except csv.Error:
        problems.add("broken quoting", number)
        return None
    if len(rows) != 1 or len(rows[0]) != header.num_columns:
        problems.add("wrong number of columns", number)
        return None
    return {name: rows[0][place] for name, place in header.places.items()}


def as_integer(values: Mapping[str, str], name: str) -> int | None:
    """Returns a column as a whole number, or None where it is none."""
    text = values[name].strip()
    return int(text) if text.isascii() and text.isdigit() else None
