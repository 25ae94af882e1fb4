"""NOTEEVENTS of MIMIC-III, two million rows, read once and kept as words in Parquet.

One task of Ray Data walks through the file and hands on whole rows; others parse them and split the
discharge summaries into words. A row that is left out keeps its number and why, so that as many rows come
out as went in. What a row says stays in the Parquet files, which lie next to the file that they come from.
Memory is bounded by the blocks in flight, whatever the size of the file.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from thesis.execution.preparation.streaming import BLOCK_BYTES, read_options, write_parsed
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.csv_rows import (
    Header,
    ParseErrors,
    joined_rows,
    parse_row,
    read_header,
)
from thesis_workloads.datasets.notes.discharge_notes import (
    NOTE_COLUMNS,
    ROW_STARTS,
    NoteRow,
    discharge_summary,
    find_file,
)
from thesis_workloads.datasets.text_file import open_text

FOLDER = "discharge-notes"  # next to NOTEEVENTS
OTHER = "another category"

_ROWS_PER_FILE = 20_000  # of 0.3 kB on the average: what waits to be written is part of what is in flight
_READ_BATCH = read_options(2_000)

_RAW = pa.schema([("row", pa.int64()), ("text", pa.large_string())])
_PREPARED = pa.schema(
    [
        ("row", pa.int64()),
        ("problem", pa.string()),  # empty for a note that is kept
        ("patient", pa.int64()),
        ("admission", pa.int64()),
        ("words", pa.large_string()),  # joined by a space
    ]
)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The result of preparing a file."""

    folder: Path
    num_rows: int
    num_notes: int
    problems: tuple[str, ...]  # one line for each kind: how many rows, and the numbers of the first


def prepare_notes(data_dir: Path) -> Prepared:
    """Writes the discharge summaries next to NOTEEVENTS; needs a connected Ray.

    Raises:
        UserError: if the file is not here, lacks a column, or rows were lost on the way.
    """
    try:
        path = find_file(data_dir, "NOTEEVENTS").resolve()
        with open_text(path) as file:
            header = read_header(file, path, NOTE_COLUMNS)
    except ValueError as error:
        raise UserError(str(error)) from error
    target, building = path.parent / FOLDER, path.parent / f"{FOLDER}.building"
    shutil.rmtree(building, ignore_errors=True)
    write_parsed(path, building, read=_raw_rows, parse=_Parser(header), rows_per_file=_ROWS_PER_FILE)
    summary = _summary(building, target, path.name)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(building, target)
    return summary


def prepared_notes(data_dir: Path | None) -> Iterator[NoteRow] | None:
    """Returns the notes that `prepare_notes` kept, in no order, or None where it has not been run.

    Files older than NOTEEVENTS are not used: it has been replaced since.
    """
    if data_dir is None:
        return None
    try:
        path = find_file(data_dir, "NOTEEVENTS").resolve()
    except ValueError:
        return None  # loading the notes says what is missing
    folder = path.parent / FOLDER
    if not folder.is_dir() or folder.stat().st_mtime < path.stat().st_mtime:
        return None
    return _read(folder)


def _raw_rows(batch: pa.Table) -> Iterator[pa.Table]:
    """Yields whole rows of the file, unparsed, in blocks."""
    path = Path(batch["path"][0].as_py())
    with open_text(path) as file:
        read_header(file, path, NOTE_COLUMNS)
        numbers: list[int] = []
        texts: list[str] = []
        size = 0
        for number, text in enumerate(joined_rows(file, ROW_STARTS), start=1):
            numbers.append(number)
            texts.append(text)
            size += len(text)
            if size >= BLOCK_BYTES:
                yield pa.table([numbers, texts], schema=_RAW)
                numbers, texts, size = [], [], 0
        yield pa.table([numbers, texts], schema=_RAW)


class _Parser:
    """Turns raw rows into words; every row comes out, with a problem where it is left out."""

    def __init__(self, header: Header) -> None:
        self._header = header

    def __call__(self, batch: pa.Table) -> pa.Table:
        rows = [
            self._row(number.as_py(), text.as_py())
            for number, text in zip(batch["row"], batch["text"], strict=True)
        ]
        columns = list(zip(*rows, strict=True)) or [()] * len(_PREPARED)
        return pa.table([list(column) for column in columns], schema=_PREPARED)

    def _row(self, number: int, text: str) -> tuple[int, str, int | None, int | None, str]:
        problems = ParseErrors("")
        values = parse_row(text, number, self._header, problems)
        note = None if values is None else discharge_summary(number, values, problems)
        if note is None:
            return number, next(iter(problems.counts), OTHER), None, None, ""
        return number, "", note.patient, note.admission, " ".join(note.words)


def _summary(building: Path, target: Path, name: str) -> Prepared:
    import pyarrow.dataset

    counts: Counter[str] = Counter()
    last = 0
    first: dict[str, list[int]] = {}
    files = pyarrow.dataset.dataset(building, format="parquet")
    for batch in files.to_batches(columns=["row", "problem"], **read_options(65_536)):
        last = max([last, *batch["row"].to_pylist()])
        for number, problem in zip(batch["row"].to_pylist(), batch["problem"].to_pylist(), strict=True):
            counts[problem] += 1
            if problem not in ("", OTHER):
                first[problem] = sorted([*first.get(problem, []), number])[:10]
    if counts.total() != last:
        raise UserError(f"{name}: {last} rows were read but {counts.total()} written; run it again")
    problems = ParseErrors(name, Counter({kind: counts[kind] for kind in first}), first)
    return Prepared(folder=target, num_rows=last, num_notes=counts[""], problems=tuple(problems.lines()))


def _read(folder: Path) -> Iterator[NoteRow]:
    import pyarrow.dataset

    files = pyarrow.dataset.dataset(folder, format="parquet")
    kept = pyarrow.dataset.field("problem") == ""
    for batch in files.to_batches(filter=kept, **_READ_BATCH):
        for row in batch.to_pylist():
            yield NoteRow(
                row=row["row"],
                patient=row["patient"],
                admission=row["admission"],
                words=row["words"].split(" "),
            )
