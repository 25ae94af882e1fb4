"""NOTEEVENTS through Ray Data against the plain reader."""

import logging
import shutil

import made_up_mimic as made_up
import pyarrow.parquet
import pytest

from thesis.execution.preparation.clinical_notes import FOLDER, prepare_notes, prepared_notes
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.csv_rows import ParseErrors
from thesis_workloads.datasets.notes.discharge_notes import read_discharge_summaries
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.data import load

pytestmark = pytest.mark.ray

CONFIG = CondensedMemoryConfig(data="mimic", num_labels=5)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    made_up.write_set(folder)
    made_up.damage(folder)
    return folder


@pytest.fixture(scope="module")
def prepared(ray_session, damaged):
    """The folder after `prepare_notes`."""
    prepare_notes(damaged)
    return damaged


def test_prepared_notes_are_those_of_the_plain_reader_broken_rows_included(
    ray_session, damaged, capfd, caplog
):
    problems = ParseErrors("NOTEEVENTS.csv")
    plain = list(read_discharge_summaries(damaged / "NOTEEVENTS.csv", problems))
    with caplog.at_level(logging.DEBUG):
        done = prepare_notes(damaged)
    rows = sorted(prepared_notes(damaged), key=lambda row: row.row)
    assert [(row.row, row.patient, row.admission, list(row.words)) for row in rows] == [
        (row.row, row.patient, row.admission, list(row.words)) for row in plain
    ]
    assert (done.num_rows, done.num_notes, done.problems) == (120, len(plain), tuple(problems.lines()))
    said = capfd.readouterr()
    assert made_up.PLANTED not in said.out + said.err + caplog.text


def test_training_data_are_the_same_prepared_or_not(prepared):
    plain = load(CONFIG, prepared)
    assert load(CONFIG, prepared, prepared=prepared_notes(prepared)).digest == plain.digest


def test_every_row_is_accounted_for(prepared):
    table = pyarrow.parquet.read_table(prepared / FOLDER)
    assert sorted(table["row"].to_pylist()) == list(range(1, 121))


def test_a_replaced_file_is_read_anew(prepared, tmp_path):
    copied = shutil.copytree(prepared, tmp_path / "copied")
    assert prepared_notes(copied) is not None
    (copied / "NOTEEVENTS.csv").touch()
    assert prepared_notes(copied) is None


def test_without_a_prepared_folder_there_is_nothing(tmp_path):
    made_up.write_set(tmp_path)
    assert prepared_notes(tmp_path) is None
    assert prepared_notes(None) is None


def test_an_absent_file_is_one_line(ray_session, tmp_path):
    with pytest.raises(UserError, match="NOTEEVENTS"):
        prepare_notes(tmp_path)
