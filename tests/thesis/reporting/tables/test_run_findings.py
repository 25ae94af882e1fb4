import dataclasses

from thesis.experiments.table_trials import declared_trials
from thesis.reporting.tables.run_findings import run_findings
from thesis.tracking.records import TrialRecord
from thesis_workloads.contract.tables import DeclaredRuns, RunCell

ACCURACIES = (0.2, 0.5, 0.75)


def findings_of(*, limits=None, **options):
    """What is found of one cell of a run of three epochs."""
    cell = RunCell(row={}, column="accuracy", run="only", dataset="cifar-10", **{"metric": "val", **options})
    scales = ("smoke", "small", "paper")
    declared = DeclaredRuns(
        title="",
        table="",
        runs={"only": {}},
        cells=(cell,),
        settings={scale: {} for scale in scales},
        data={scale: {"cifar-10": "digits"} for scale in scales},
        num_seeds=dict.fromkeys(scales, 1),
        limits=limits or {},
    )
    (trial,) = declared_trials(declared, scale="small")
    record = TrialRecord(
        trial_id="a",
        config=dataclasses.asdict(trial.config),
        is_baseline=False,
        status="finished",
        history=[{"epoch": number, "val": value} for number, value in enumerate(ACCURACIES, start=1)],
    )
    return run_findings(declared, scale="small", num_seeds=0, seed=0, records=[record], data={})


def found(**options):
    """The values of the cell; none where nothing was found."""
    return [value for cell in findings_of(**options).cells for value in cell.values.values()]


def test_a_cell_reads_the_epoch_that_it_names_or_picks():
    assert found() == [75.0]
    assert found(pick="first") == [20.0]
    assert found(epoch=2) == [50.0]


def test_a_cell_can_take_off_another_epoch_of_the_same_run():
    assert found(epoch=3, minus_epoch=2) == [25.0]


def test_an_epoch_that_a_run_has_not_leaves_no_number():
    assert found(epoch=9) == []
    assert found(epoch=3, minus_epoch=9) == []


def test_a_table_says_what_its_scale_takes_in_place_of_a_runs_setting():
    (of_the_data,) = findings_of().notes
    assert of_the_data.startswith("digits is nearly saturated")
    limited = findings_of(limits={"small": {"p": 50.0}, "paper": {"n": 3}})
    assert limited.notes == (of_the_data, "Scale small takes p=50.0 in place of what a run sets.")
