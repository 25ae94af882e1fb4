"""Readers of PPDB and WikiAnswers keep, filter and count lines of the published forms."""

import gzip

import pytest

from thesis_workloads.datasets.text.pair_lines import (
    LineCounts,
    RejectReason,
    check_pair,
    line_blocks,
    lines_of,
)
from thesis_workloads.datasets.text.ppdb import parse_ppdb, read_ppdb
from thesis_workloads.datasets.text.wikianswers import parse_wikianswers, read_wikianswers
from thesis_workloads.datasets.text_file import open_text

TAIL = " ||| PPDB2.0Score=3.4 PPDB1.0Score=2.1 ||| 0-0 ||| Equivalence\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("[NN] ||| Counselling ||| consultations" + TAIL, ("counselling", "consultations")),
        ("[NP] ||| south eastern ||| the eastern part" + TAIL, ("south eastern", "the eastern part")),
        ("[NP] ||| [NN,1] of the ||| the [NN,1]" + TAIL, RejectReason.SYNTACTIC),
        ("[CD] ||| 5 miles ||| five miles" + TAIL, RejectReason.NUMBER),
        ("[NN] ||| a b c d ||| e" + TAIL, RejectReason.LONG),
        ("[NN] ||| same ||| Same" + TAIL, RejectReason.SAME),
        ("[NN] ||| only one side\n", RejectReason.MALFORMED),
        ("NN ||| one ||| two" + TAIL, RejectReason.MALFORMED),
        ("[NN] |||  ||| two" + TAIL, RejectReason.MALFORMED),
        ("\n", RejectReason.MALFORMED),
    ],
)
def test_a_ppdb_line_gives_its_pair_or_the_reason_why_not(line, answer):
    assert parse_ppdb(line, max_length=3) == answer


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("what be ph\tph be what\t0-2 1-1\n", ("what be ph", "ph be what")),
        ("what be ph\tph be what\n", ("what be ph", "ph be what")),
        ("no tab here\n", RejectReason.MALFORMED),
        ("\tempty\t\n", RejectReason.MALFORMED),
    ],
)
def test_a_wikianswers_line_gives_its_pair_or_the_reason_why_not(line, answer):
    assert parse_wikianswers(line) == answer


def test_a_gzipped_pack_is_read_and_every_line_counted(tmp_path):
    lines = ["[NN] ||| a ||| b" + TAIL, "[NN] ||| 1 ||| b" + TAIL, "broken\n", "[X] ||| c ||| d" + TAIL]
    path = tmp_path / "ppdb-2.0-s-all.gz"
    path.write_bytes(gzip.compress("".join(lines).encode()))
    counts = LineCounts()
    assert list(read_ppdb(path, counts, max_length=15)) == [("a", "b"), ("c", "d")]
    assert counts.malformed == ["ppdb-2.0-s-all.gz:3: 'broken'"]
    assert str(counts) == "4 lines, 2 kept (1 malformed, 1 number)"


def test_bytes_that_are_no_text_spoil_one_word_only(tmp_path):
    path = tmp_path / "word_alignments.txt"
    path.write_bytes(b"a \xff b\tc\t\nd\te\t\n")
    assert len(list(read_wikianswers(path, LineCounts(), max_length=15))) == 2


def test_only_the_first_malformed_lines_are_listed_but_all_are_counted(tmp_path):
    path = tmp_path / "word_alignments.txt"
    path.write_text("broken\n" * 50)
    counts = LineCounts()
    assert list(read_wikianswers(path, counts, max_length=15)) == []
    assert (len(counts.malformed), counts.refused["malformed"]) == (20, 50)


def test_no_limit_of_length_leaves_out_nothing():
    assert check_pair("a " * 40, "b", max_length=0) == (" ".join("a" * 40), "b")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_blocks_hold_the_lines_of_the_text_reader_whatever_their_size(tmp_path, size):
    content = "one\n\ntwo \u2028 still two\rstill\n".encode() + b"\xff\xc3\n\xe2\x82\nlast"
    (tmp_path / "lines.gz").write_bytes(gzip.compress(content))
    with open_text(tmp_path / "lines.gz", newline="\n") as file:
        plain = [line.removesuffix("\n") for line in file]
    blocks = [(first, lines_of(block)) for first, block in line_blocks(tmp_path / "lines.gz", size)]
    assert [line for _, lines in blocks for line in lines] == plain
    assert [first for first, _ in blocks] == [
        1 + sum(len(lines) for _, lines in blocks[:place]) for place in range(len(blocks))
    ]
