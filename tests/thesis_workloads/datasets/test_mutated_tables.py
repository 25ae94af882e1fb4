"""Tables, archives and JSON with bytes changed: rows come of them, or an error of ours that names the file."""

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_inputs import many_inputs

from thesis_workloads.datasets.csv_rows import ParseErrors, read_rows
from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.images.coco_boxes import CocoScenes
from thesis_workloads.datasets.images.photographs import listed_folder
from thesis_workloads.datasets.readers.idx import parse_idx
from thesis_workloads.datasets.text.coco_captions import read_captions
from thesis_workloads.datasets.text.pair_lines import LineCounts, line_blocks, lines_of
from thesis_workloads.datasets.text.ppdb import read_ppdb
from thesis_workloads.datasets.vqa.vqa_annotations import join

edits = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), min_size=1, max_size=5)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def edited(content, changes):
    data = bytearray(content)
    for share, new in changes:
        at = int(share * len(data))
        data[at : at + max(1, len(new))] = new
    return bytes(data)


def tried(content, read, *, name="a.csv"):
    """Reads a file of these bytes; an error must be one of ours, in one line that names it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return read(path)
        except ValueError as error:
            assert type(error) in (ValueError, DatasetDamaged)
            assert name in str(error)
            assert "\n" not in str(error)
            return None


TABLE = 'file,label\r\n"a.jpg",7\r\nb.jpg,999\r\n'
PAIRS = "[NN] ||| first one ||| second one ||| S=1 ||| 0-0 ||| Equivalence\n" * 9


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.replace(",", ";").encode("utf-16"),
        gzip.compress(TABLE.encode()),
    ],
    ids=["plain", "mark", "utf-16", "gzip"],
)
@many_inputs
@given(changes=edits)
def test_a_damaged_table_of_labels_is_read_or_named(content, changes):
    found = tried(edited(content, changes), lambda path: listed_folder(path.parent, labels=path))
    assert found is None or all(0 <= each.label < 1000 for each in found)


@many_inputs
@given(
    rows=st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5),
    separator=st.sampled_from(",;\t"),
)
def test_any_rows_are_read_or_counted(rows, separator):
    lines = [separator.join(("ID", "TEXT")), *(separator.join(row) for row in rows)]
    problems = ParseErrors("a.csv")
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    found = tried(content, lambda path: list(read_rows(path, ("ID", "TEXT"), problems)))
    assert found is None or all(set(row) == {"ID", "TEXT"} for _, row in found)


@many_inputs
@given(changes=edits, size=st.integers(1, 50))
def test_a_damaged_archive_of_pairs_is_read_or_named(changes, size):
    content = edited(gzip.compress(PAIRS.encode()), changes)
    tried(content, lambda path: list(read_ppdb(path, LineCounts(), max_length=0)), name="a.gz")
    tried(content, lambda path: list(line_blocks(path, size)), name="a.gz")


@many_inputs
@given(content=st.binary(max_size=120), size=st.integers(1, 50))
def test_blocks_are_the_lines_whatever_the_bytes(content, size):
    content = content.removeprefix(b"\x1f\x8b").removeprefix(b"\xef\xbb\xbf")
    blocks = tried(content, lambda path: list(line_blocks(path, size)))
    if blocks is not None:
        assert b"".join(block for _, block in blocks) == content
        assert sum(len(lines_of(block)) for _, block in blocks) == len(
            content.removesuffix(b"\n").split(b"\n")
        ) * bool(content)


@many_inputs
@given(value=json_values)
def test_any_json_is_no_set_or_a_set(value):
    content = json.dumps(value).encode()
    tried(content, lambda path: CocoScenes(path.parent, path), name="a.json")
    tried(content, lambda path: read_captions(path, LineCounts(), max_length=0), name="a.json")
    tried(content, lambda path: join(path, path, split="train2014"), name="a.json")


ENTRY = st.fixed_dictionaries({}, optional={"id": json_values, "file_name": json_values, "name": json_values})
BOX = st.fixed_dictionaries(
    {},
    optional={
        "image_id": json_values,
        "category_id": json_values,
        "bbox": json_values,
        "iscrowd": json_values,
    },
)


@many_inputs
@given(
    images=st.lists(ENTRY, max_size=2),
    categories=st.lists(ENTRY, max_size=2),
    boxes=st.lists(BOX, max_size=2),
)
def test_annotations_of_any_form_are_read_or_named(images, categories, boxes):
    content = json.dumps({"images": images, "categories": categories, "annotations": boxes}).encode()
    tried(content, lambda path: CocoScenes(path.parent, path), name="a.json")


@many_inputs
@given(
    asked=st.lists(
        st.dictionaries(st.sampled_from(("question_id", "image_id", "question")), json_values), max_size=2
    ),
    answered=st.lists(
        st.dictionaries(st.sampled_from(("question_id", "answers", "answer_type")), json_values), max_size=2
    ),
)
def test_questions_of_any_form_are_read_or_named(asked, answered):
    content = json.dumps({"questions": asked, "annotations": answered}).encode()
    tried(content, lambda path: join(path, path, split="train2014"), name="a.json")


@many_inputs
@given(content=st.binary(max_size=60))
def test_any_bytes_are_an_idx_array_or_refused(content):
    try:
        parse_idx(content)
    except ValueError as error:
        assert str(error)
