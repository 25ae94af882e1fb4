import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from thesis.execution.evaluation.images import chunk_of_json, chunks_of, find_images
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.images.photographs import load_photographs


def find(images, tmp_path, **changes):
    values = {"labels": "", "part": "all", "max_images": 0, "cache": tmp_path / "cache", **changes}
    return find_images(str(images), **values)


def folder_of_classes(tmp_path):
    for label in (3, 7):
        folder = tmp_path / "classes" / str(label)
        folder.mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (40, 40), (label, number, 0)).save(folder / f"{number}.png")
    return tmp_path / "classes"


def test_a_folder_without_labels_is_judged_by_agreement_and_says_so(tmp_path):
    folder = folder_of_classes(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "3" / "noisy.png")
    found = find(folder, tmp_path, labels="agreement")
    assert {each.label for each in found.photographs} == {-1}
    assert {each.id.split("#")[0] for each in found.photographs} == {"3/noisy.png"}  # the others are flat
    assert found.name == "classes, agreement"


def test_labelled_photographs_are_not_judged_by_agreement(tmp_path):
    with pytest.raises(UserError, match="have labels"):
        find("shipped", tmp_path, labels="agreement")


def test_the_parts_of_the_shipped_photographs_share_no_image_and_make_up_all(tmp_path):
    every, val, test = (
        {each.id for each in find("shipped", tmp_path, part=part).photographs}
        for part in ("all", "val", "test")
    )
    assert val | test == every
    assert (len(val), len(test), val & test) == (8, 12, set())


def test_fewer_images_are_a_part_of_more(tmp_path):
    few, more = (
        {each.id for each in find("shipped", tmp_path, max_images=count).photographs} for count in (4, 9)
    )
    assert len(few) == 4
    assert few < more


def test_a_folder_of_classes_and_a_list_give_the_same_labels(tmp_path):
    folder = folder_of_classes(tmp_path)
    listed = tmp_path / "list.csv"
    rows = [f"{label}/{number}.png,{label}" for label in (3, 7) for number in range(5)]
    listed.write_text("\n".join(["file,label", *rows]))
    by_layout, by_list = find(folder, tmp_path), find(folder, tmp_path, labels=str(listed))
    assert [each.label for each in by_layout.photographs] == [3] * 5 + [7] * 5
    assert by_layout.digest == by_list.digest


def test_a_parquet_file_gives_its_images_and_a_broken_one_by_name(tmp_path):
    content = (folder_of_classes(tmp_path) / "3" / "0.png").read_bytes()
    table = pa.table({"id": ["good", "bad"], "image": [content, b"no image"], "label": [3, 7]})
    pq.write_table(table, tmp_path / "set.parquet")
    found = find(tmp_path / "set.parquet", tmp_path)
    loaded = load_photographs(found.photographs, size=32)
    assert loaded.ids == ("good",)
    assert "cannot identify image file" in loaded.unreadable["bad"]


@pytest.mark.parametrize(
    ("images", "changes", "message"),
    [
        ("nowhere", {}, "there is no such folder or file"),
        ("shipped", {"part": "train"}, "part must be one of"),
    ],
)
def test_what_cannot_be_found_is_said_in_one_line(tmp_path, images, changes, message):
    with pytest.raises(UserError, match=message):
        find(images, tmp_path, **changes)


def test_chunks_keep_their_images_on_the_way_through_a_row(image_set):
    chunks = chunks_of(image_set, size=4)
    assert [len(chunk.photographs) for chunk in chunks] == [4, 4, 1]
    assert [chunk_of_json(chunk.to_row("fgsm")["chunk"]) for chunk in chunks] == chunks


def test_a_chunk_is_told_from_another_by_its_images_contents(image_set):
    before = chunks_of(image_set, size=2)
    image_set.photographs[0].path.write_bytes(image_set.photographs[1].path.read_bytes())
    after = chunks_of(dataclasses.replace(image_set), size=2)
    assert before[0].digest != after[0].digest
    assert before[1].digest == after[1].digest
