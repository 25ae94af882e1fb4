"""The reader of MIMIC-III on made-up files of the same layout."""

import gzip
import json
import logging
import random
import tracemalloc

import pytest

from thesis_workloads.datasets.csv_rows import Problems
from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.label_removal import label_phrases
from thesis_workloads.datasets.mimic import (
    ROW_STARTS,
    WordTable,
    commonest_codes,
    label_names,
    load_mimic,
    read_diagnoses,
    read_discharge_summaries,
)

COLUMNS = "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,ISERROR,TEXT"
HEADER = ",".join(f'"{name}"' for name in COLUMNS.split(",")) + "\n"
TITLES = {
    "4280": "Congestive heart failure, unspecified",
    "5849": "Acute kidney failure, unspecified",
    "486": "Pneumonia, organism unspecified",
    "2749": "Gout, unspecified",
    "42731": "Atrial fibrillation",
    "2720": "Other and unspecified hyperlipidemia",
}
SIGNS = {code: [f"sign{code}{letter}" for letter in "abc"] for code in TITLES}
PLANTED = "zebraquark"


def note(row, patient, admission, text, category="Discharge summary"):
    quoted = text.replace('"', '""')
    return f'{row},{patient},{admission},2151-08-04,,,"{category}","Report",,,"{quoted}"\n'


def body_of(codes, draws):
    said = " ".join(draws.choice(SIGNS[code]) for code in codes for _ in range(3))
    named = ", ".join(TITLES[code].upper() for code in codes)
    return (
        f"Service: Medicine\nHistory of Present Illness:\n{PLANTED} seen with {said}; {named.lower()} suspected,\n"
        f'he said "well". '
        + "plain words follow here as ever "
        * 3
        + f"\n\nDischarge Diagnosis:\n{named}\n\n"
        "Discharge Condition:\nstable on the ward\n"
    )


def write_set(folder, *, num_patients=60, seed=0, compress=False):
    """Writes the three files and the articles; returns the codes by admission."""
    draws = random.Random(seed)
    codes_of = {100 + n: draws.sample(sorted(TITLES), draws.randint(1, 3)) for n in range(num_patients)}
    rows, number = [HEADER], 0
    for admission, codes in codes_of.items():
        number += 2
        rows.append(note(number - 1, admission - 90, admission, "nursing only " * 20, category="Nursing"))
        rows.append(note(number, admission - 90, admission, body_of(codes, draws)))
    write(folder / "NOTEEVENTS.csv", "".join(rows), compress)
    links = [
        f"{n},{a - 90},{a},1,{code}\n" for n, (a, found) in enumerate(codes_of.items()) for code in found
    ]
    write(
        folder / "DIAGNOSES_ICD.csv",
        "ROW_ID,SUBJECT_ID,HADM_ID,SEQ_NUM,ICD9_CODE\n" + "".join(links),
        compress,
    )
    names = [f'1,{code},"{title[:10]}","{title}"\n' for code, title in TITLES.items()]
    write(
        folder / "D_ICD_DIAGNOSES.csv", "ROW_ID,ICD9_CODE,SHORT_TITLE,LONG_TITLE\n" + "".join(names), compress
    )
    articles = [
        {"title": title.split(",")[0], "text": f"{title} shows {' '.join(SIGNS[code])}."}
        for code, title in TITLES.items()
    ]
    (folder / "articles.jsonl").write_text("\n".join(json.dumps(article) for article in articles))
    return codes_of


def write(path, text, compress):
    if compress:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)


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


def damage(folder):
    """Breaks rows of a written set in every way; returns the number of each broken row of NOTEEVENTS."""
    path = folder / "NOTEEVENTS.csv"
    rows = ["".join(part) for part in split_rows(path.read_text())]
    rows[3] = rows[3].rstrip("\n").rstrip('"') + "\n"
    rows[5] = rows[5].replace(PLANTED, f'{PLANTED} "{PLANTED}" {PLANTED}')
    rows[7] = note(8, 14, 104, f"{PLANTED}.")
    rows[9] = rows[9].replace('"Report",,,', '"Report",,,,')
    rows[11] = note(12, 16, "", f"{PLANTED} " * 30)
    path.write_text(HEADER + "".join(rows))
    with (folder / "DIAGNOSES_ICD.csv").open("a") as file:
        file.write("999,10,100,1,V9999\n1000,x,100,1,486\n")
    return {
        "broken quoting": [4, 6],
        "an empty note": [8],
        "wrong number of columns": [10],
        "no number of a patient or an admission": [12],
    }


def split_rows(text):
    lines = text.splitlines(keepends=True)[1:]
    rows = []
    for line in lines:
        if ROW_STARTS.match(line):
            rows.append([])
        rows[-1].append(line)
    return rows


def test_broken_rows_are_counted_with_their_numbers_and_lose_themselves_only(tmp_path):
    write_set(tmp_path)
    expected = damage(tmp_path)
    problems = Problems("NOTEEVENTS")
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
        rows = list(read_discharge_summaries(tmp_path / "NOTEEVENTS.csv", Problems("x")))
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
    with pytest.raises(DatasetDamaged, match=r"\['CATEGORY'\] are missing"):
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
        assert sum(1 for _ in read_discharge_summaries(path, Problems("x"))) == num_rows
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(400) < 1.2 * peak(50)


def test_coded_words_read_as_they_were_given():
    table = WordTable()
    first, second = table.coded(["a", "b", "a"]), table.coded(["b", "c"])
    assert (list(first), list(second), list(first[1:])) == (["a", "b", "a"], ["b", "c"], ["b", "a"])
