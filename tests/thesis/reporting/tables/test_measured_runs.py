"""Trials made samples: one per seed behind every cell, and what is missing is said."""

import dataclasses
from pathlib import Path

import pytest

from thesis.experiments.table_trials import declared_trials
from thesis.reporting.tables.measured_tables import measured_tables
from thesis.reporting.tables.reproduced import is_current, keep_failure, keep_findings
from thesis.reporting.tables.run_findings import run_findings
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis.results.measured_tables import Spent
from thesis.results.table_files import read_measured
from thesis.tracking.records import TrialRecord
from thesis_workloads.contract.tables import DeclaredRuns, RunCell

SPENT = Spent(num_trials=4, core_s=10.0, wall_s=6.0)
DIGITS = DataUsed(name="digits", version="1", digest="d")


def declared(**changes):
    values = {
        "title": "two runs",
        "table": "table-5.1",
        "runs": {"standard": {"scheme": "standard"}, "ortho": {"metric": "ortho"}},
        "cells": (
            RunCell(row={"metric": "standard"}, column="accuracy", run="standard", dataset="cifar-10"),
            RunCell(row={"metric": "ortho"}, column="accuracy", run="ortho", dataset="cifar-10"),
            RunCell(
                row={"net": "c3"},
                column="improvement",
                run="ortho",
                minus="standard",
                dataset="cifar-10",
                is_quantity=True,
            ),
        ),
        "settings": {"small": {"epochs": 2}},
        "data": {"small": {"cifar-10": "digits"}},
        "num_seeds": {"small": 2},
    }
    return DeclaredRuns(**{**values, **changes})


def records(table, accuracy):
    """Returns a finished record per trial; accuracy is by run and seed."""
    return [
        TrialRecord(
            trial_id=f"t{number}",
            config=dataclasses.asdict(trial.config),
            is_baseline=False,
            status="finished",
            history=[
                {"epoch": 1, "test/accuracy": 0.0},
                {"epoch": 2, "test/accuracy": accuracy[trial.run][trial.config.seed]},
            ],
        )
        for number, trial in enumerate(declared_trials(table, scale="small"))
    ]


ACCURACY = {"standard": (0.5, 0.6), "ortho": (0.7, 0.65)}


def find(table, found):
    data = {record.trial_id: DIGITS for record in found}
    return run_findings(table, scale="small", num_seeds=0, seed=0, records=found, data=data)


def test_a_cell_has_the_last_value_of_each_seed_in_the_tables_unit():
    cells = find(declared(), records(declared(), ACCURACY)).cells
    assert cells[0].values == {"0": pytest.approx(50.0), "1": pytest.approx(60.0)}


def test_a_difference_is_taken_seed_by_seed():
    cells = find(declared(), records(declared(), ACCURACY)).cells
    assert cells[2].values == {"0": pytest.approx(20.0), "1": pytest.approx(5.0)}


def test_a_failed_seed_leaves_its_cell_and_is_named():
    found = records(declared(), ACCURACY)
    found[1] = dataclasses.replace(found[1], status="failed", error="diverged")
    findings = find(declared(), found)
    assert findings.cells[1].values == {"1": pytest.approx(65.0)}
    assert findings.missing == ("ortho on cifar-10: 1 of 2 seeds are missing (diverged)",)


def test_a_run_that_never_ran_is_missing_and_has_no_cell():
    findings = find(
        declared(), [each for each in records(declared(), ACCURACY) if each.trial_id in ("t0", "t2")]
    )
    assert [cell.row for cell in findings.cells] == [{"metric": "standard"}]
    assert "2 of 2 seeds are missing (not run)" in findings.missing[0]


def test_limits_replace_only_what_a_run_sets_itself():
    runs = {"long": {"epochs": 50}, "plain": {}}
    table = declared(runs=runs, cells=(), limits={"small": {"epochs": 1, "s1": 3}})
    by_run = {trial.run: trial.config for trial in declared_trials(table, scale="small")}
    assert (by_run["long"].epochs, by_run["plain"].epochs) == (1, 2)
    assert by_run["long"].s1 == by_run["plain"].s1 != 3


def test_quantities_land_in_a_table_of_their_own_under_the_printed_tables_system(tmp_path):
    findings = find(declared(), records(declared(), ACCURACY))
    tables = measured_tables(
        findings, table="table-5.1", system="x", scale="small", provenance={}, output_dir=tmp_path
    )
    assert [(table.id, table.system) for table in tables] == [
        ("table-5.1", "repr"),
        ("measures-repr-table-5.1", "repr"),
    ]
    assert tables[1].rows[0].cells["improvement"].mean == pytest.approx(12.5)


def test_columns_of_one_row_on_two_sets_make_one_row_that_names_both():
    other = DataUsed(name="letters", digest="l")
    cells = tuple(
        CellSamples(row={"net": "a"}, column=column, values={"0": 1.0}, data=data)
        for column, data in (("c10", DIGITS), ("c100", other))
    )
    (table,) = measured_tables(
        Findings(data=DIGITS, cells=cells),
        table="figure-5.4",
        system="repr",
        scale="small",
        provenance={},
        output_dir=Path(),
    )
    assert len(table.rows) == 1
    assert table.rows[0].data.name == "digits, letters"


def keep(tmp_path, digest):
    keep_findings(
        find(declared(), records(declared(), ACCURACY)),
        table="table-5.1",
        system="repr",
        scale="small",
        digest=digest,
        provenance={},
        output_dir=tmp_path,
        spent=SPENT,
    )


def test_what_a_table_took_is_kept_with_it_and_not_with_its_quantities(tmp_path):
    keep(tmp_path, "a")
    kept = read_measured(tmp_path).tables
    assert {name: table.spent for name, table in kept.items()} == {
        "table-5.1": SPENT,
        "measures-repr-table-5.1": None,
    }


def current(tmp_path, digest):
    return is_current(tmp_path, table="table-5.1", scale="small", digest=digest)


def test_a_kept_table_is_current_for_its_own_digest_alone(tmp_path):
    assert not current(tmp_path, "a")
    keep(tmp_path, "a")
    assert current(tmp_path, "a")
    assert not current(tmp_path, "b")


def test_an_interrupted_table_is_never_current(tmp_path):
    keep(tmp_path, "")
    assert not current(tmp_path, "")


def test_a_failure_shows_as_broken_until_the_table_is_measured(tmp_path):
    keep_failure(tmp_path, table="table-5.1", scale="small", error="no such data")
    assert [(each.id, each.error) for each in read_measured(tmp_path).broken] == [
        ("table-5.1", "no such data")
    ]
    keep(tmp_path, "a")
    assert read_measured(tmp_path).broken == ()
