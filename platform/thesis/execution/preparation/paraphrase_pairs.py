"""Files of 18 to 29 million lines of paraphrases (section 7.3), read once and kept as pairs in Parquet.

One task of Ray Data walks through the file and hands on blocks of whole lines; others parse and filter them. A
line that gives no pair keeps its number and why, so that as many rows come out as lines went in. Memory is
bounded by the blocks in flight, whatever the size of the file. Sentences of any length are kept: which are
too long is a setting of the run that reads them.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from thesis.execution.preparation.streaming import BLOCK_BYTES, read_options, write_parsed
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.text.pair_lines import (
    MAX_LISTED,
    SHOWN,
    LineCounts,
    Pair,
    RejectReason,
    line_blocks,
    lines_of,
)
from thesis_workloads.datasets.text.paraphrases import paraphrase_set
from thesis_workloads.datasets.text.ppdb import parse_ppdb
from thesis_workloads.datasets.text.wikianswers import parse_wikianswers

PARSERS: dict[str, Callable[[str], Pair | RejectReason]] = {
    "ppdb": parse_ppdb,
    "wikianswers": parse_wikianswers,
}
"""Sets whose files hold a pair per line."""

_SUFFIX = ".pairs"  # of the folder next to the file
_ROWS_PER_FILE = 200_000
_READ_BATCH = read_options(8_192)

_RAW = pa.schema([("first", pa.int64()), ("block", pa.large_binary())])
_PREPARED = pa.schema(
    [
        ("line", pa.int64()),  # from 1
        ("problem", pa.string()),  # empty for a pair that is kept
        ("source", pa.string()),  # of a malformed line its beginning
        ("target", pa.string()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class PreparedPairs:
    """The result of preparing a file."""

    folder: Path
    counts: LineCounts


def prepare_pairs(name: str, data_dir: Path) -> PreparedPairs:
    """Writes the pairs of a set next to its file; needs a connected Ray.

    Raises:
        UserError: if the set is not one of lines, its file is not here, or lines were lost on the way.
    """
    path = file_to_prepare(name, data_dir)
    target = path.with_name(path.name + _SUFFIX)
    building = path.with_name(path.name + f"{_SUFFIX}.building")
    shutil.rmtree(building, ignore_errors=True)
    write_parsed(path, building, read=_line_blocks, parse=_Parser(name), rows_per_file=_ROWS_PER_FILE)
    counts = _summary(building, path.name)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(building, target)
    return PreparedPairs(folder=target, counts=counts)


def file_to_prepare(name: str, data_dir: Path) -> Path:
    """Returns the file of a set of lines.

    Raises:
        UserError: if the set is not one of lines, or its file is not here.
    """
    path = _file_of(name, data_dir)
    if path is None:
        known = paraphrase_set(name).remedy if name in PARSERS else f"sets of lines are {', '.join(PARSERS)}"
        raise UserError(f"{name} cannot be prepared: {known}")
    return path


def prepared_pairs(name: str, data_dir: Path | None) -> Iterator[Pair] | None:
    """Returns the pairs that `prepare_pairs` kept, in no order, or None where it has not been run.

    A folder older than the file is not used: the file has been replaced since.
    """
    path = _file_of(name, data_dir)
    folder = None if path is None else path.with_name(path.name + _SUFFIX)
    if path is None or folder is None or not folder.is_dir():
        return None
    return _read(folder) if folder.stat().st_mtime >= path.stat().st_mtime else None


def _file_of(name: str, data_dir: Path | None) -> Path | None:
    path = paraphrase_set(name).find(data_dir) if name in PARSERS else None
    return None if path is None else path.resolve()


def _line_blocks(batch: pa.Table) -> Iterator[pa.Table]:
    """Yields blocks of whole lines, undecoded, with the number of their first."""
    for first, block in line_blocks(Path(batch["path"][0].as_py()), BLOCK_BYTES):
        yield pa.table([[first], [block]], schema=_RAW)
    yield _RAW.empty_table()  # an empty file, too, has the columns


class _Parser:
    """Turns blocks of lines into rows; every line comes out, with a problem where it is left out."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, batch: pa.Table) -> pa.Table:
        parse = PARSERS[self._name]
        lines: list[int] = []
        problems: list[str] = []
        sources: list[str | None] = []
        targets: list[str | None] = []
        for first, block in zip(batch["first"].to_pylist(), batch["block"].to_pylist(), strict=True):
            rows = lines_of(block)
            lines.extend(range(first, first + len(rows)))
            for row in rows:
                answer = parse(row)
                if isinstance(answer, RejectReason):
                    problems.append(answer.value)
                    sources.append(row[:SHOWN] if answer is RejectReason.MALFORMED else None)
                    targets.append(None)
                else:
                    problems.append("")
                    sources.append(answer[0])
                    targets.append(answer[1])
        return pa.table([lines, problems, sources, targets], schema=_PREPARED)


def _summary(building: Path, name: str) -> LineCounts:
    """Returns the counts, from what was written.

    Raises:
        UserError: if as many rows were not written as lines were read.
    """
    import pyarrow.compute as pc
    import pyarrow.dataset

    counts, last, malformed = LineCounts(), 0, list[tuple[int, str]]()
    files = pyarrow.dataset.dataset(building, schema=_PREPARED, format="parquet")
    for batch in files.to_batches(columns=["line", "problem", "source"], **_READ_BATCH):
        if not len(batch):
            continue
        last = max(last, pc.max(batch["line"]).as_py())
        for entry in pc.value_counts(batch["problem"]).to_pylist():
            counts.refused[entry["values"]] += entry["counts"]
        if len(malformed) < MAX_LISTED or pc.min(batch["line"]).as_py() < malformed[-1][0]:
            bad = batch.filter(pc.equal(batch["problem"], RejectReason.MALFORMED.value))
            found = zip(bad["line"].to_pylist(), bad["source"].to_pylist(), strict=True)
            malformed = sorted([*malformed, *found])[:MAX_LISTED]
    counts.num_kept = counts.refused.pop("", 0)
    counts.malformed = [f"{name}:{line}: {text!r}" for line, text in malformed]
    if counts.num_read != last:
        raise UserError(f"{name}: {last} lines were read but {counts.num_read} written; run it again")
    return counts


def _read(folder: Path) -> Iterator[Pair]:
    import pyarrow.dataset

    files = pyarrow.dataset.dataset(folder, schema=_PREPARED, format="parquet")
    kept = pyarrow.dataset.field("problem") == ""
    for batch in files.to_batches(columns=["source", "target"], filter=kept, **_READ_BATCH):
        yield from zip(batch["source"].to_pylist(), batch["target"].to_pylist(), strict=True)
