"""The WikiAnswers paraphrases (Fader, Zettlemoyer and Etzioni 2013): ``word_alignments.txt`` as published.

A line is two lemmatised questions and their word alignment, separated by tabs; the alignment isn't read. A
line with fewer than two fields or an empty question is malformed.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

from thesis_workloads.datasets.text.pair_lines import LineCounts, Pair, RejectReason, check_pair, read_pairs


def parse_wikianswers(line: str, *, max_length: int = 0) -> Pair | RejectReason:
    """Returns the two questions of one line, or why it gives none."""
    fields = line.rstrip("\n").split("\t")
    if len(fields) < 2:
        return RejectReason.MALFORMED
    return check_pair(fields[0], fields[1], max_length=max_length)


def read_wikianswers(path: Path, counts: LineCounts, *, max_length: int) -> Iterator[Pair]:
    """Yields the question pairs of the file."""
    return read_pairs(path, functools.partial(parse_wikianswers, max_length=max_length), counts)
