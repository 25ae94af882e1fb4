import json

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from thesis.reporting.sweeps.ranking import rank
from thesis.reporting.sweeps.ranking_table import (
    plain_rows,
    ranking_markdown,
    summary_lines,
    terminal_table,
    write_json,
    write_parquet,
)

SPACE = {
    "s1": [5, 10],
    "s2": [2, 5],
    "p": [10.0, 30.0],
    "n": [2, 3],
    "metric": ["ortho", "weights"],
    "optimizer": ["momentum", "adam"],
}
IGNORES = ["s1", "s2", "p", "n", "metric"]


@pytest.fixture
def ranking(make_sweep):
    return rank(make_sweep(SPACE, num_trials=8), baseline_ignores=IGNORES)


def printed(table, *, width=100):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_six_hyperparameters_fit_100_columns_one_line_each(ranking):
    lines = printed(terminal_table(ranking)).splitlines()
    numbered = [line for line in lines if line.strip()[:1].isdigit()]
    assert len(numbered) == 9
    assert max(map(len, lines)) <= 100


def test_more_hyperparameters_share_one_column(make_sweep):
    space = SPACE | {"learning_rate": [0.01, 0.001], "batch_norm": [True, False]}
    text = printed(terminal_table(rank(make_sweep(space, num_trials=3))))
    assert "settings" in text
    assert "…" not in text
    assert "learning_rate=0.001" in text


def test_the_numbers_are_percent_with_one_decimal(make_record):
    records = [
        make_record(f"{seed}", config={"p": 1}, final=0.9 + 0.02 * seed, seed=seed) for seed in range(3)
    ]
    assert "92.0 ±5.0" in printed(terminal_table(rank(records)))


def test_the_baseline_is_named_without_colour(ranking):
    (line,) = [line for line in printed(terminal_table(ranking)).splitlines() if "baseline" in line[-15:]]
    assert line.split()[1:6] == ["–"] * 5


def test_the_baseline_is_shown_though_it_came_last(make_sweep):
    records = make_sweep({"p": list(range(30))}, seeds=(0,), effect=lambda point: 0.05)
    text = printed(terminal_table(rank(records), max_rows=5))
    assert "31" in text
    assert "25 more configurations are not shown" in " ".join(text.split())


def test_markup_in_a_setting_is_printed_as_it_is(make_record):
    records = [make_record(value, config={"name": value}) for value in ("[red]", "[/]")]
    assert "[red]" in printed(terminal_table(rank(records)))


def test_a_partly_failed_configuration_says_how_many_seeds_counted(make_record):
    records = [
        make_record("a", config={"p": 1}, seed=0),
        make_record("b", config={"p": 1}, seed=1, status="failed"),
    ]
    assert "1 of 2" in printed(terminal_table(rank(records)))


def test_nothing_that_gained_nothing_has_a_minus(make_record):
    records = [
        make_record("a", config={"p": 1}, final=0.89999),
        make_record("b", is_baseline=True, final=0.9),
    ]
    assert "+0.0" in ranking_markdown(rank(records))


def test_markdown_has_a_line_per_row_and_the_baseline_in_bold(ranking):
    lines = [line for line in ranking_markdown(ranking).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 9
    assert sum("**baseline**" in line for line in lines) == 1
    assert len({line.count("|") for line in lines}) == 1


def test_the_summary_gives_the_best_settings_and_its_test_result(ranking):
    text = " ".join(summary_lines(ranking))
    assert f"s1={ranking.best.settings['s1']}" in text
    assert f"{100 * ranking.best.test.mean:.1f}" in text
    assert "3 shared seeds" in text


def test_the_summary_says_when_there_is_nothing_to_compare(make_record):
    text = " ".join(summary_lines(rank([make_record("a", status="failed")])))
    assert "No trial finished" in text
    assert "no finished baseline" in text
    assert "1 trial failed." in text


def test_json_and_parquet_hold_the_same_rows(ranking, tmp_path):
    rows = plain_rows(ranking)
    from_json = json.loads(write_json(rows, tmp_path / "ranking.json").read_text())
    from_parquet = pq.read_table(write_parquet(rows, tmp_path / "ranking.parquet")).to_pylist()
    assert from_json == from_parquet
    assert from_json[0]["val/accuracy"] == ranking.rows[0].selection.mean


def test_a_column_of_numbers_and_words_is_written_as_words(tmp_path):
    path = write_parquet([{"value": 1}, {"value": "all"}, {"value": None}], tmp_path / "mixed.parquet")
    assert pq.read_table(path).column("value").to_pylist() == ["1", "all", None]
