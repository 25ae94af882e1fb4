import gzip
import re

import pytest

from thesis_workloads.datasets import csv_rows
from thesis_workloads.datasets.csv_rows import ParseErrors, as_integer, read_rows
from thesis_workloads.datasets.errors import DatasetDamaged

STARTS = re.compile(r"\d+,")


def read(path, problems=None, starts=STARTS):
    return list(read_rows(path, ("ID", "TEXT"), problems or ParseErrors("x.csv"), starts=starts))


def written(tmp_path, body, header='"ID","TEXT"\n'):
    path = tmp_path / "x.csv"
    path.write_bytes((header + body).encode() if isinstance(body, str) else header.encode() + body)
    return path


def test_texts_over_several_lines_with_quotes_are_one_row(tmp_path):
    path = written(tmp_path, '1,"one ""word""\r\nmore, text"\r\n2,two\n')
    assert read(path) == [
        (1, {"ID": "1", "TEXT": 'one "word"\r\nmore, text'}),
        (2, {"ID": "2", "TEXT": "two"}),
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('1,"a"\n2,"never closed\nmore\n3,"c"\n', "broken quoting"),
        ('1,"a"\n2,"stray "quote" here"\n3,"c"\n', "broken quoting"),
        ('1,"a"\n2,"closed" and more\n3,"c"\n', "broken quoting"),
        ("1,a\n2,b,too many\n3,c\n", "wrong number of columns"),
        ("1,a\n2,\n\nb\n3,c\n", "wrong number of columns"),
    ],
)
def test_a_broken_row_spoils_itself_only_and_is_counted_with_its_number(tmp_path, body, kind):
    problems = ParseErrors("x.csv")
    assert [number for number, _ in read(written(tmp_path, body), problems)] == [1, 3]
    assert (problems.counts, problems.rows) == ({kind: 1}, {kind: [2]})


def test_a_row_without_end_is_cut_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "MAX_ROW_CHARACTERS", 50)
    problems = ParseErrors("x.csv")
    rows = read(written(tmp_path, '1,"' + "word\n" * 100 + '"\n2,b\n'), problems)
    assert [number for number, _ in rows] == [2]
    assert problems.counts == {"longer than any note": 1}


def test_bytes_that_are_no_text_are_read_all_the_same(tmp_path):
    assert read(written(tmp_path, b"1,caf\xe9 \x00 bar\n"))[0][1]["TEXT"].startswith("caf")


def test_a_gzipped_file_reads_as_the_plain_one(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n1,a\n"))
    assert read(path) == [(1, {"ID": "1", "TEXT": "a"})]


def test_missing_columns_are_named(tmp_path):
    with pytest.raises(DatasetDamaged, match="it lacks"):
        read(written(tmp_path, "1,2\n", header="ID,WORDS\n"))


def test_an_empty_file_lacks_its_columns(tmp_path):
    with pytest.raises(DatasetDamaged, match="it lacks"):
        read(written(tmp_path, "", header=""))


def test_the_first_rows_are_named_and_the_rest_counted():
    problems = ParseErrors("x.csv")
    for row in range(1, 31):
        problems.add("broken", row)
    assert problems.lines() == ["x.csv: 30 rows left out: broken (row 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...)"]


def test_no_text_of_a_row_is_in_any_message(tmp_path, caplog):
    problems = ParseErrors("x.csv")
    read(written(tmp_path, '1,"zebraquark\n2,zebraquark,zebraquark\n3,"zebraquark" zebraquark\n'), problems)
    problems.log()
    assert sum(problems.counts.values()) == 3
    assert "zebraquark" not in caplog.text


@pytest.mark.parametrize(
    ("text", "number"), [("17", 17), (" 17 ", 17), ("", None), ("-1", None), ("1.0", None)]
)
def test_whole_numbers_only(text, number):
    assert as_integer({"A": text}, "A") == number
