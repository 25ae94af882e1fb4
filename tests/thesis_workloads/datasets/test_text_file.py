"""Tables and archives as browsers and Excel leave them are read; damaged ones are named in one line."""

import gzip
import json

import pytest

from thesis_workloads.datasets.csv_rows import ParseErrors, read_rows
from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.images.coco_boxes import CocoScenes
from thesis_workloads.datasets.images.photographs import listed_folder
from thesis_workloads.datasets.notes.discharge_notes import read_discharge_summaries
from thesis_workloads.datasets.text.pair_lines import LineCounts, line_blocks
from thesis_workloads.datasets.text.ppdb import read_ppdb
from thesis_workloads.datasets.text_file import read_json

TABLE = "file,label\r\na.jpg,7\r\n"
PAIRS = "[NN] ||| first one ||| second one ||| S=1 ||| 0-0 ||| Equivalence\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-8-sig"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", ";").encode("utf-8-sig"),
        TABLE.replace(",", "\t").encode("utf-16"),
        b"sep=;\r\n" + TABLE.replace(",", ";").encode(),
        b'"File";"Label"\r\n"a.jpg";"7"\r\n',
        gzip.compress(TABLE.encode()),
    ],
    ids=["mark", "semicolons", "both", "Unicode text", "sep line", "quotes", "gzip without .gz"],
)
def test_a_table_as_excel_writes_it_is_read(tmp_path, content):
    (tmp_path / "labels.csv").write_bytes(content)
    (photograph,) = listed_folder(tmp_path, labels=tmp_path / "labels.csv")
    assert (photograph.id, photograph.label) == ("a.jpg", 7)


NOTES = (
    "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,ISERROR,TEXT\n"
    '1,2,3,2101-10-20,,,Discharge summary,Report,,,"one two three four five six seven eight nine ten eleven"\n'
)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_notes_are_read_with_any_separator_and_mark(tmp_path, separator):
    path = tmp_path / "NOTEEVENTS.csv"
    path.write_bytes(NOTES.replace(",", separator).encode("utf-8-sig"))
    assert [note.admission for note in read_discharge_summaries(path, ParseErrors("x"))] == [3]


def test_a_missing_column_is_named_without_pythons_words(tmp_path):
    (tmp_path / "labels.csv").write_text("file,class\na.jpg,7\n")
    with pytest.raises(DatasetDamaged, match=r"labels\.csv must name .*; it lacks LABEL$") as error:
        listed_folder(tmp_path, labels=tmp_path / "labels.csv")
    assert "PosixPath" not in str(error.value)
    assert "[" not in str(error.value)


@pytest.mark.parametrize("row", ["a.jpg,7\na.jpg,8", "a.jpg,1000", "a.jpg,-1", "a.jpg,\u00b2", "a.jpg"])
def test_a_row_that_is_wrong_is_named_by_its_number(tmp_path, row):
    (tmp_path / "labels.csv").write_text(f"file,label\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels\.csv.* row|\(row 1\)"):
        listed_folder(tmp_path, labels=tmp_path / "labels.csv")


def test_a_file_named_gz_that_a_browser_unpacked_is_read(tmp_path):
    (tmp_path / "x.csv.gz").write_text("ID,TEXT\n1,a\n")
    assert list(read_rows(tmp_path / "x.csv.gz", ("ID", "TEXT"), ParseErrors("x"))) == [
        (1, {"ID": "1", "TEXT": "a"})
    ]


@pytest.mark.parametrize("cut", [1, 2, 12, 25, -9, -1])
@pytest.mark.parametrize(
    "read",
    [
        lambda path: list(read_ppdb(path, LineCounts(), max_length=0)),
        lambda path: list(line_blocks(path, 10)),
        lambda path: list(
            read_rows(
                path, ("[NN] ||| FIRST ONE ||| SECOND ONE ||| S=1 ||| 0-0 ||| EQUIVALENCE",), ParseErrors("x")
            )
        ),
        read_json,
    ],
    ids=["pairs", "blocks", "rows", "json"],
)
def test_a_truncated_gzip_is_named_by_every_reader(tmp_path, read, cut):
    path = tmp_path / "ppdb.gz"
    path.write_bytes(gzip.compress((PAIRS * 50).encode())[:cut])
    if cut == 1 and read is not read_json:
        list(line_blocks(path, 10))  # a single byte is a line, not gzip
        return
    with pytest.raises(DatasetDamaged, match=r"ppdb\.gz must be"):
        read(path)


def test_a_mark_is_no_part_of_the_first_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\ntwo\n")
    assert next(line_blocks(tmp_path / "a.txt", 1)) == (1, b"one\n")


def annotations(**changed):
    image, category = {"id": 1, "file_name": "a.jpg"}, {"id": 1, "name": "cat"}
    box = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2]}
    return {"images": [image], "categories": [category], "annotations": [box], **changed}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            annotations(annotations=[{"image_id": 1, "category_id": 1}]),
            "annotations entry 0 must have a bbox",
        ),
        (
            annotations(annotations=[{"image_id": 1, "category_id": 1, "bbox": ["0", "0", "2", "2"]}]),
            "four numbers",
        ),
        (
            annotations(images=[{"id": 1, "file_name": "a"}, {"id": "2", "file_name": "b"}]),
            "images entry 1 must have a whole number as id",
        ),
        (annotations(categories=[{"name": "cat"}]), "categories entry 0 must have a whole number as id"),
        (annotations(images=[{"id": 1}]), "images entry 0 must have a file_name"),
        (annotations(annotations=7), "lacks annotations"),
        (annotations(images=["a"]), "images entry 0 must be an object"),
        ([], "must be a JSON object"),
    ],
)
def test_annotations_of_another_form_are_named_by_their_number(tmp_path, content, message):
    (tmp_path / "instances.json").write_text(json.dumps(content))
    with pytest.raises(DatasetDamaged, match=message):
        CocoScenes(tmp_path, tmp_path / "instances.json")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "<html>", "1" * 5000])
def test_what_is_no_json_is_named(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DatasetDamaged, match=r"a\.json must be JSON"):
        read_json(tmp_path / "a.json")
