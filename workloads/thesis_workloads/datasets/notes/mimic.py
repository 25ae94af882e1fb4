"""Discharge summaries and their diagnoses from the user's own copy of MIMIC-III (section 8.3).

Johnson et al., "MIMIC-III, a freely accessible critical care database", Scientific Data 2016. Files, each
plain or gzipped: NOTEEVENTS.csv, DIAGNOSES_ICD.csv, D_ICD_DIAGNOSES.csv. A diagnosis is an ICD-9 code under
its long title; a note has those of its admission. Deviations: the dissertation took its labels from the notes'
own diagnosis section, which is removed here; labels are chosen by admissions of training patients, so
that the notes are read once only. Notes are kept as numbers of words, a few hundred megabytes in all.

No text of a note is ever in a message: rows are named by their numbers.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from thesis_workloads.datasets.csv_rows import ParseErrors, as_integer, read_rows
from thesis_workloads.datasets.notes.clinical_notes import (
    ClinicalNotes,
    NoteRecord,
    assemble,
    part_of,
    split_by_patient,
)
from thesis_workloads.datasets.notes.discharge_notes import NoteRow, find_file, read_discharge_summaries
from thesis_workloads.datasets.notes.knowledge_base import Article, match_labels, read_articles
from thesis_workloads.datasets.notes.label_removal import Phrases, label_phrases

ARTICLES = ("articles", "articles.jsonl")


@dataclass(frozen=True, kw_only=True)
class Diagnoses:
    """Codes of every admission, and what the codes mean."""

    of_admission: dict[int, tuple[str, ...]]  # codes that have a title
    patient_of: dict[int, int]
    titles: dict[str, str]  # code -> long title
    short_titles: dict[str, str]


def read_diagnoses(data_dir: Path | None) -> Diagnoses:
    """Returns the diagnoses of all admissions; codes without a title are counted and left out.

    Raises:
        DatasetMissing: if a file is not here.
        DatasetDamaged: if a file lacks a column.
    """
    titles_path, codes_path = find_file(data_dir, "D_ICD_DIAGNOSES"), find_file(data_dir, "DIAGNOSES_ICD")
    problems = ParseErrors(titles_path.name)
    titles, short_titles = {}, {}
    for _, row in read_rows(titles_path, ("ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"), problems):
        titles[row["ICD9_CODE"]], short_titles[row["ICD9_CODE"]] = row["LONG_TITLE"], row["SHORT_TITLE"]
    problems.log()
    problems = ParseErrors(codes_path.name)
    codes: dict[int, dict[str, None]] = {}
    patient_of: dict[int, int] = {}
    for number, row in read_rows(codes_path, ("SUBJECT_ID", "HADM_ID", "ICD9_CODE"), problems):
        patient, admission = as_integer(row, "SUBJECT_ID"), as_integer(row, "HADM_ID")
        if patient is None or admission is None:
            problems.add("no number of a patient or an admission", number)
        elif row["ICD9_CODE"] not in titles:
            problems.add("a code without a title", number)
        else:
            codes.setdefault(admission, {})[sys.intern(row["ICD9_CODE"])] = None
            patient_of[admission] = patient
    problems.log()
    return Diagnoses(
        of_admission={admission: tuple(found) for admission, found in codes.items()},
        patient_of=patient_of,
        titles=titles,
        short_titles=short_titles,
    )


def load_mimic(
    data_dir: Path | None,
    *,
    num_labels: int,
    vocabulary_size: int,
    max_words: int,
    prepared: Iterable[NoteRow] | None = None,
) -> ClinicalNotes:
    """Returns notes, labels and articles from the data folder.

    ``prepared`` stands for the rows of NOTEEVENTS where they have been read before.

    Raises:
        DatasetMissing: if a file or the knowledge base is not here.
        DatasetDamaged: if a file has another layout.
        ValueError: if too few notes have a label.
    """
    diagnoses = read_diagnoses(data_dir)
    articles = read_articles(_articles_path(data_dir))
    codes = commonest_codes(diagnoses, num_labels=num_labels)
    names = label_names(diagnoses, codes)
    phrases = Phrases(phrases_of(diagnoses, codes, articles))
    problems = ParseErrors("NOTEEVENTS" if prepared is None else "prepared notes")
    if prepared is None:
        prepared = read_discharge_summaries(find_file(data_dir, "NOTEEVENTS"), problems)
    table = WordTable()
    found_notes: dict[int, NoteRecord] = {}
    for row in prepared:
        held = [code for code in diagnoses.of_admission.get(row.admission, ()) if code in names]
        if row.admission not in diagnoses.of_admission:
            problems.add("no diagnosis of this admission", row.row)
            continue
        words = table.coded(phrases.remove(row.words)[:max_words])
        found = frozenset(names[code] for code in held)
        found_notes[row.row] = NoteRecord(patient=f"mimic-{row.patient}", words=words, diagnoses=found)
    problems.log()
    notes = [found_notes[number] for number in sorted(found_notes)]  # prepared notes come in any order
    return assemble(
        split_by_patient(notes),
        articles,
        label_names=tuple(names.values()),
        vocabulary_size=vocabulary_size,
        max_words=max_words,
        name="mimic",
        version=f"{len(notes)} discharge summaries",
    )


def commonest_codes(diagnoses: Diagnoses, *, num_labels: int) -> tuple[str, ...]:
    """Returns the codes of most admissions of training patients, ties in the order of the codes."""
    counts: Counter[str] = Counter()
    for admission, codes in diagnoses.of_admission.items():
        if part_of(f"mimic-{diagnoses.patient_of[admission]}") == "train":
            counts.update(codes)
    return tuple(sorted(counts, key=lambda code: (-counts[code], code))[:num_labels])


def label_names(diagnoses: Diagnoses, codes: Sequence[str]) -> dict[str, str]:
    """Returns a name for each code: its long title, with the code where two codes share one."""
    shared = Counter(diagnoses.titles[code] for code in codes)
    return {
        code: f"{diagnoses.titles[code]} ({code})"
        if shared[diagnoses.titles[code]] > 1
        else diagnoses.titles[code]
        for code in codes
    }


def phrases_of(
    diagnoses: Diagnoses, codes: Sequence[str], articles: Sequence[Article]
) -> set[tuple[str, ...]]:
    """Returns the phrases taken out of the notes: both titles of every label and that of its article."""
    titles = [diagnoses.titles[code] for code in codes]
    matched = [articles[place].title for place in match_labels(titles, articles) if place >= 0]
    every = [*titles, *(diagnoses.short_titles[code] for code in codes), *matched]
    return {phrase for title in every for phrase in label_phrases(title)}


def _articles_path(data_dir: Path | None) -> Path:
    places = [Path(name) if data_dir is None else data_dir / name for name in ARTICLES]
    return next((place for place in places if place.exists()), places[0])


class WordTable:
    """Numbers for words as they come, so that a note takes four bytes a word."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}

    def coded(self, words: Iterable[str]) -> "CodedWords":
        """Returns the words as numbers of this table."""
        numbers = array("I")
        for word in words:
            number = self._numbers.setdefault(word, len(self.words))
            if number == len(self.words):
                self.words.append(word)
            numbers.append(number)
        return CodedWords(numbers, self.words)


class CodedWords(Sequence[str]):
    """A note's words, looked up as they are asked for."""

    def __init__(self, numbers: "array[int]", words: list[str]) -> None:
        self._numbers, self._words = numbers, words

    def __len__(self) -> int:
        """Returns the count of words."""
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Returns a word, or some as a sequence of the same kind."""
        if isinstance(place, slice):
            return CodedWords(self._numbers[place], self._words)
        return self._words[self._numbers[place]]
