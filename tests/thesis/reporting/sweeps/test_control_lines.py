import dataclasses
import json

import pytest

from thesis.reporting.sweeps.ranking import rank
from thesis.reporting.sweeps.ranking_table import plain_rows, ranking_markdown, summary_lines, terminal_table
from thesis.statistics.intervals import Interval
from thesis.tracking.journal import Journal, read_events
from thesis.tracking.records import read_records
from thesis_workloads.contract.controls import Control

CONTROLS = {
    "early stopping": Control(metric="best/val_accuracy", test_metric="best/test_accuracy"),
    "dropout": Control(overrides={"dropout": 0.5}),
    "random filters": Control(overrides={"metric": "random"}, of="method", in_place="random filters"),
}
STEPS = (0.0, 0.002, 0.004)  # by seed, so that intervals have a width


@pytest.fixture
def records(make_record):
    def trial(name, final, *, control="", **options):
        made = []
        for seed, step in enumerate(STEPS):
            record = make_record(
                f"{name}-{seed}", final=final + step + 0.001 * (seed == 1), seed=seed, **options
            )
            last = {**record.history[-1], "best/val_accuracy": 0.88 + step, "best/test_accuracy": 0.87 + step}
            made.append(dataclasses.replace(record, control=control, history=[*record.history[:-1], last]))
        return made

    settings = {"s1": 10, "p": 30.0, "metric": "ortho"}
    return [
        *trial("b", 0.75, is_baseline=True, config={**settings, "scheme": "standard"}),
        *trial("c", 0.85, config=settings),
        *trial("d", 0.80, config={**settings, "s1": 5}),
        *trial("o", 0.89, control="dropout", config={**settings, "dropout": 0.5, "scheme": "standard"}),
        *trial("r", 0.81, control="random filters", config={**settings, "metric": "random"}),
    ]


@pytest.fixture
def ranking(records):
    return rank(
        records,
        searched=("s1", "p"),
        baseline_ignores=("s1", "p", "metric"),
        reported=("train/accuracy", "best/test_accuracy", "test/gap"),
        readings={"early stopping": ("best/val_accuracy", "best/test_accuracy")},
    )


def test_controls_are_rows_of_their_own_and_never_the_best_configuration(ranking):
    assert [row.control for row in ranking.rows] == [
        "dropout",
        "early stopping",
        "",
        "random filters",
        "",
        "",
    ]
    assert ranking.best is not None
    assert ranking.best.settings == {"s1": 10, "p": 30.0}


def test_a_control_is_compared_with_the_baseline_by_seed(ranking):
    dropout = ranking.controls[0]
    assert dropout.gain.mean == pytest.approx(0.14)
    assert dropout.verdict == "undecided"  # every seed has the same difference: no spread to judge by


def test_early_stopping_reads_the_baselines_own_runs_at_their_best_epoch(ranking):
    row = next(row for row in ranking.rows if row.control == "early stopping")
    assert row.trial_ids == ("b-0", "b-1", "b-2")
    assert row.selection.mean == pytest.approx(0.882)
    assert row.test.mean == pytest.approx(0.872)
    assert ranking.num_failed == 0


def test_the_sentences_say_what_each_gains_and_what_comes_with_less(ranking):
    lines = summary_lines(ranking, method_name="RePr", baseline_name="standard training", controls=CONTROLS)
    assert (
        "RePr gains 10.0 ±0.0 points of test accuracy over standard training; dropout +14.0 ±0.0, "
        "early stopping +13.0 ±0.1."
    ) in lines
    assert "Of RePr's gain of +10.0 ±0.0, +6.0 ±0.0 come with random filters too." in lines


def test_a_part_of_the_gain_is_of_the_row_with_the_controls_settings(ranking):
    rows = [
        dataclasses.replace(row, settings={"s1": 5, "p": 30.0}) if row.control == "random filters" else row
        for row in ranking.rows
    ]
    lines = summary_lines(dataclasses.replace(ranking, rows=tuple(rows)), controls=CONTROLS)
    assert any("gain of +5.0 ±0.0 at s1=5 p=30, +6.0 ±0.0 come with random" in line for line in lines)


def test_without_controls_nothing_is_said_of_them(records):
    plain = rank([record for record in records if not record.control], searched=("s1", "p"))
    assert not any("comes" in line or "gains" in line for line in summary_lines(plain))


def test_the_tables_have_the_controls_by_name(ranking):
    text = ranking_markdown(ranking, baseline_name="standard training")
    assert "**standard training**" in text
    assert "| dropout |" in text
    assert "| best % |" in text
    assert terminal_table(ranking, width=110).row_count == 6
    rows = plain_rows(ranking)
    assert [row["control"] for row in rows if row["is_baseline"]] == [""]
    assert json.dumps(rows[0])
    assert rows[0]["best/test_accuracy"] == pytest.approx(0.872)


def test_a_control_beyond_the_shown_rows_is_still_shown(ranking):
    assert terminal_table(ranking, width=110, max_rows=1).row_count == 4


def test_the_journal_keeps_the_control_of_a_trial(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.start("a", name="a", config={}, is_baseline=False, control="dropout")
    journal.start("b", name="b", config={}, is_baseline=False)
    journal.close()
    events = list(read_events(tmp_path / "journal.jsonl"))
    assert "control" not in events[1]
    records = read_records(events)
    assert [record.control for record in records] == ["dropout", ""]
    assert [record.is_candidate for record in records] == [False, True]


def test_a_method_that_loses_is_said_to_and_has_no_gain_to_share(ranking):
    rows = [
        dataclasses.replace(row, test_gain=Interval(mean=-0.02, half_width=0.01, num_values=3))
        if row.is_candidate
        else row
        for row in ranking.rows
    ]
    lines = summary_lines(
        dataclasses.replace(ranking, rows=tuple(rows)), method_name="RePr", controls=CONTROLS
    )
    assert any(line.startswith("RePr loses 2.0 ±1.0 points of test accuracy") for line in lines)
    assert not any(line.startswith("Of ") for line in lines)
