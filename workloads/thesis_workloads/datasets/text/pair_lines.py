"""What became of the lines of a file of paraphrases: kept, left out by a filter, or malformed."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from thesis_workloads.datasets.text_file import UTF8_MARK, open_bytes, open_text

Pair = tuple[str, str]
"""Source and paraphrase, words separated by single spaces."""

MAX_LISTED = 20  # malformed lines that are named; all are counted
SHOWN = 80  # characters of each


class RejectReason(StrEnum):
    """Why a line gives no pair."""

    MALFORMED = "malformed"
    SYNTACTIC = "syntactic"  # a pattern with gaps, not a phrase (section 7.3)
    NUMBER = "number"  # (section 7.4.1)
    LONG = "long"
    SAME = "same"  # both sides are the same words


@dataclass
class LineCounts:
    """Lines read so far."""

    num_kept: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    malformed: list[str] = field(default_factory=list)  # "file:line: beginning of the line", the first ones

    @property
    def num_read(self) -> int:
        """Returns kept and refused lines together."""
        return self.num_kept + sum(self.refused.values())

    def note(self, answer: Pair | RejectReason, *, file: str, line: int, text: str) -> None:
        """Counts one line."""
        if not isinstance(answer, RejectReason):
            self.num_kept += 1
            return
        self.refused[answer.value] += 1
        if answer is RejectReason.MALFORMED and len(self.malformed) < MAX_LISTED:
            beginning = text.removesuffix("\n")[:SHOWN]
            self.malformed.append(f"{file}:{line}: {beginning!r}")

    def __str__(self) -> str:
        """Returns the counts in one line."""
        left_out = ", ".join(f"{count} {reason}" for reason, count in sorted(self.refused.items()))
        return f"{self.num_read} lines, {self.num_kept} kept" + (f" ({left_out})" if left_out else "")


def read_pairs(path: Path, parse: Callable[[str], Pair | RejectReason], counts: LineCounts) -> Iterator[Pair]:
    """Yields the pairs of a text file, gzipped or not, line for line; adds to ``counts``."""
    with open_text(path, newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            answer = parse(line)
            counts.note(answer, file=path.name, line=number, text=line)
            if not isinstance(answer, RejectReason):
                yield answer


def check_pair(source: str, target: str, *, max_length: int) -> Pair | RejectReason:
    """Returns the pair in lower case with single spaces, or why it is left out.

    ``max_length`` is in words; 0 is no limit.
    """
    first, second = source.lower().split(), target.lower().split()
    if not first or not second:
        return RejectReason.MALFORMED
    if max_length and max(len(first), len(second)) > max_length:
        return RejectReason.LONG
    if first == second:
        return RejectReason.SAME
    return " ".join(first), " ".join(second)


def line_blocks(path: Path, num_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yields blocks of whole lines of about ``num_bytes``, undecoded, with the number of their first, from 1."""
    first, rest = 1, b""
    with open_bytes(path) as file:
        start = file.read(max(num_bytes, len(UTF8_MARK))).removeprefix(UTF8_MARK)
        while chunk := start or file.read(num_bytes):
            start = b""
            end = chunk.rfind(b"\n") + 1
            if not end:
                rest += chunk
                continue
            block = rest + chunk[:end]
            rest = chunk[end:]
            yield first, block
            first += block.count(b"\n")
    if rest:
        yield first, rest


def lines_of(block: bytes) -> list[str]:
    """Returns the lines of a block as a text file gives them, without their line feeds."""
    return block.decode("utf-8", "replace").removesuffix("\n").split("\n")
