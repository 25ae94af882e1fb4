"""The Paraphrase Database, version 2.0 (Pavlick et al. 2015): the pack as published, gzipped or not.

A line is ``LHS ||| PHRASE ||| PARAPHRASE ||| FEATURE=VALUE ... ||| ALIGNMENT ||| ENTAILMENT``. Left out, as
in sections 7.3 and 7.4.1: syntactic patterns (a gap such as ``[NP,1]`` in either side) and phrases with a
digit. A line with fewer fields, without a category in brackets or with an empty side is malformed.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from thesis_workloads.datasets.text.pair_lines import LineCounts, Pair, RejectReason, check_pair, read_pairs

_GAP = re.compile(r"\[[^\s\[\]]*,\d+\]")
_DIGIT = re.compile(r"\d")


def parse_ppdb(line: str, *, max_length: int = 0) -> Pair | RejectReason:
    """Returns phrase and paraphrase of one line, or why it gives none."""
    fields = line.split(" ||| ", 3)
    if len(fields) < 4 or not fields[0].startswith("[") or not fields[0].endswith("]"):
        return RejectReason.MALFORMED
    phrase, paraphrase = fields[1], fields[2]
    if _GAP.search(phrase) or _GAP.search(paraphrase):
        return RejectReason.SYNTACTIC
    if _DIGIT.search(phrase) or _DIGIT.search(paraphrase):
        return RejectReason.NUMBER
    return check_pair(phrase, paraphrase, max_length=max_length)


def read_ppdb(path: Path, counts: LineCounts, *, max_length: int) -> Iterator[Pair]:
    """Yields the lexical and phrasal pairs of a pack."""
    return read_pairs(path, functools.partial(parse_ppdb, max_length=max_length), counts)
