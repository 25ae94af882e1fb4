"""Discharge summaries from MIMIC-III's NOTEEVENTS, a row at a time (section 8.3).

Johnson et al., "MIMIC-III, a freely accessible critical care database", Scientific Data 2016. Imports no
PyTorch: many processes read rows at once. No text of a note is ever in a message: rows are named by their
numbers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from thesis_workloads.datasets.csv_rows import ParseErrors, as_integer, read_rows
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.notes.label_removal import note_words

FOLDERS = ("mimic-iii", ".")  # under the data folder
CATEGORY = "discharge summary"
MIN_WORDS = 10  # a note with fewer is an empty one

NOTE_COLUMNS = ("ROW_ID", "SUBJECT_ID", "HADM_ID", "CATEGORY", "TEXT")
"""Columns of NOTEEVENTS that are read."""

ROW_STARTS = re.compile(r'"?\d+"?[,;\t]"?\d+"?[,;\t]"?\d*"?[,;\t](?:"?[-./0-9 :]*"?[,;\t]){3}"?[A-Za-z]')
"""ROW_ID, SUBJECT_ID, HADM_ID, three dates, and the category's first letter."""


@dataclass(frozen=True, kw_only=True)
class NoteRow:
    """A discharge summary as it was read. Shows no word of itself."""

    row: int
    patient: int
    admission: int
    words: Sequence[str]  # of `note_words`

    def __repr__(self) -> str:
        """Returns the row's number and the count of words."""
        return f"NoteRow(row={self.row}, {len(self.words)} words)"


def find_file(data_dir: Path | None, name: str) -> Path:
    """Returns the path of one of the three files.

    Raises:
        DatasetMissing: naming where it was looked for.
    """
    folders = [] if data_dir is None else [data_dir / folder for folder in FOLDERS]
    places = [folder / f"{name}{ending}" for folder in folders for ending in (".csv", ".csv.gz")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        where = ", ".join(str(folder) for folder in folders) or "no folder, since none is given"
        raise DatasetMissing(
            f"MIMIC-III's {name}.csv[.gz] is not here (looked in {where}): get access at physionet.org,"
            f" put the file there and give the folder with --data-dir"
        )
    return found


def read_discharge_summaries(path: Path, problems: ParseErrors) -> Iterator[NoteRow]:
    """Yields the discharge summaries of NOTEEVENTS, one at a time; other categories don't count.

    Raises:
        DatasetDamaged: if a column is missing.
    """
    for number, row in read_rows(path, NOTE_COLUMNS, problems, starts=ROW_STARTS):
        note = discharge_summary(number, row, problems)
        if note is not None:
            yield note


def discharge_summary(number: int, row: Mapping[str, str], problems: ParseErrors) -> NoteRow | None:
    """Returns a row of NOTEEVENTS as a note; None for other categories, and where a problem is counted."""
    if row["CATEGORY"].strip().lower() != CATEGORY:
        return None
    patient, admission = as_integer(row, "SUBJECT_ID"), as_integer(row, "HADM_ID")
    if patient is None or admission is None:
        problems.add("no number of a patient or an admission", number)
        return None
    words = note_words(row["TEXT"])
    if len(words) < MIN_WORDS:
        problems.add("an empty note", number)
        return None
    return NoteRow(row=number, patient=patient, admission=admission, words=words)
