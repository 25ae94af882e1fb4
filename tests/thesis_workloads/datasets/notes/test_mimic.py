"""The reader of MIMIC-III on made-up files of the same layout."""

import logging
import tracemalloc

import pytest
from made_up_mimic import HEADER, PLANTED, TITLES, damage, note, write_set

from thesis_workloads.datasets.csv_rows import ParseErrors
from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.notes.discharge_notes import read_discharge_summaries
from thesis_workloads.datasets.notes.label_removal import label_phrases
from thesis_workloads.datasets.notes.mimic import (
    WordTable,
    commonest_codes,
    label_names,
    load_mimic,
    read_diagnoses,
)

SIZES = {"num_labels": 5, "vocabulary_size": 1000, "max_words": 600}


@pytest.mark.parametrize("compress", [False, True])
def test_notes_labels_and_articles_are_read(tmp_path, compress):
    codes_of = write_set(tmp_path, compress=compress)
    data = load_mimic(tmp_path, **SIZES)
    labelled = sum(float(part.labels.sum()) for part in (data.train, data.val, data.test))
    kept = {code for code, title in TITLES.items() if title in data.label_names}
    assert labelled == sum(code in kept for codes in codes_of.values() for code in codes)
    assert (data.article_of_label >= 0).all()


def test_only_discharge_summaries_are_read(tmp_path):
    write_set(tmp_path)
    assert "nursing" not in load_mimic(tmp_path, **SIZES).vocabulary.words


def test_no_label_survives_in_any_note(tmp_path):
    write_set(tmp_path)
    data = load_mimic(tmp_path, **{**SIZES, "num_labels": 6})
    words = data.vocabulary.words
    for part in (data.train, data.val, data.test):
        texts = [
            " ".join(["", *(words[number] for number in row if number), ""]) for row in part.words.tolist()
        ]
        for title in TITLES.values():
            for phrase in label_phrases(title):
                assert not any(f" {' '.join(phrase)} " in text for text in texts)


def test_notes_are_cut_after_the_labels_are_out(tmp_path):
    write_set(tmp_path)
    assert load_mimic(tmp_path, **{**SIZES, "max_words": 12}).train.words.shape[1] == 12


def test_labels_are_chosen_by_training_patients(tmp_path):
    write_set(tmp_path)
    diagnoses = read_diagnoses(tmp_path)
    assert len(commonest_codes(diagnoses, num_labels=3)) == 3


def test_two_codes_of_one_title_keep_apart(tmp_path):
    write_set(tmp_path)
    diagnoses = read_diagnoses(tmp_path)
    diagnoses.titles["2749"] = diagnoses.titles["486"]
    assert set(label_names(diagnoses, ["2749", "486"]).values()) == {
        "Pneumonia, organism unspecified (2749)",
        "Pneumonia, organism unspecified (486)",
    }


def test_broken_rows_are_counted_with_their_numbers_and_lose_themselves_only(tmp_path):
    write_set(tmp_path)
    expected = damage(tmp_path)
    problems = ParseErrors("NOTEEVENTS")
    kept = [row.row for row in read_discharge_summaries(tmp_path / "NOTEEVENTS.csv", problems)]
    assert problems.rows == expected
    assert kept == [row for row in range(2, 121, 2) if row not in {4, 6, 8, 10, 12}]


def test_unknown_codes_and_damaged_numbers_are_counted(tmp_path, caplog):
    codes_of = write_set(tmp_path)
    damage(tmp_path)
    with caplog.at_level(logging.WARNING):
        read_diagnoses(tmp_path)
    num_rows = sum(len(codes) for codes in codes_of.values())
    assert f"DIAGNOSES_ICD.csv: 1 rows left out: a code without a title (row {num_rows + 1})" in caplog.text
    assert f"no number of a patient or an admission (row {num_rows + 2})" in caplog.text


def test_no_text_of_a_note_is_in_a_log_an_error_or_a_representation(tmp_path, caplog, capsys):
    write_set(tmp_path)
    damage(tmp_path)
    with caplog.at_level(logging.DEBUG):
        data = load_mimic(tmp_path, **SIZES)
        rows = list(read_discharge_summaries(tmp_path / "NOTEEVENTS.csv", ParseErrors("x")))
    said = capsys.readouterr()
    assert PLANTED in data.vocabulary.words
    assert PLANTED not in caplog.text + said.out + said.err + repr(rows)


def test_notes_without_diagnoses_are_counted(tmp_path, caplog):
    write_set(tmp_path)
    with (tmp_path / "NOTEEVENTS.csv").open("a") as file:
        file.write(note(900, 1, 999, "words " * 40))
    load_mimic(tmp_path, **SIZES)
    assert "NOTEEVENTS: 1 rows left out: no diagnosis of this admission (row 121)" in caplog.text


@pytest.mark.parametrize("name", ["NOTEEVENTS", "DIAGNOSES_ICD", "D_ICD_DIAGNOSES"])
def test_a_missing_file_says_where_it_was_looked_for(tmp_path, name):
    write_set(tmp_path)
    (tmp_path / f"{name}.csv").unlink()
    with pytest.raises(DatasetMissing, match=rf"{name}.csv\[.gz\] is not here"):
        load_mimic(tmp_path, **SIZES)


def test_a_missing_column_is_named(tmp_path):
    write_set(tmp_path)
    path = tmp_path / "NOTEEVENTS.csv"
    path.write_text(path.read_text().replace('"CATEGORY"', '"KIND"'))
    with pytest.raises(DatasetDamaged, match="it lacks CATEGORY"):
        load_mimic(tmp_path, **SIZES)


def test_reading_holds_one_row_at_a_time(tmp_path):
    def peak(num_rows):
        path = tmp_path / f"{num_rows}.csv"
        row = note(1, 2, 3, "word " * 400)
        with path.open("w") as file:
            file.write(HEADER)
            for _ in range(num_rows):
                file.write(row)
        tracemalloc.start()
        assert sum(1 for _ in read_discharge_summaries(path, ParseErrors("x"))) == num_rows
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(400) < 1.2 * peak(50)


def test_coded_words_read_as_they_were_given():
    table = WordTable()
    first, second = table.coded(["a", "b", "a"]), table.coded(["b", "c"])
    assert (list(first), list(second), list(first[1:])) == (["a", "b", "a"], ["b", "c"], ["b", "a"])
