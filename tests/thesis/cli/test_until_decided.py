"""``--until-decided`` on tables whose truth is known: a stand-in for the runs draws each seed from it."""

import dataclasses
import io
from contextlib import nullcontext

import numpy as np
import pytest
from rich.console import Console

from thesis.cli import until_decided
from thesis.cli.until_decided import Limits, parse_duration, print_decision_plan, reproduce_until_decided
from thesis.experiments.plan import Resources
from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples
from thesis.results.table_files import read_measured, read_measured_file, table_path, write_measured
from thesis.workflows.reproduce_plan import Settings
from thesis_workloads.contract.errors import UserError

METRICS = (
    "standard",
    "random",
    "activations",
    "apoz",
    "gradients",
    "taylor",
    "hessian",
    "weights",
    "oracle",
    "ortho",
)


@pytest.fixture
def settings(tmp_path):
    return Settings(
        scale="small",
        num_seeds=3,
        seed=0,
        images="shipped",
        labels="",
        classifier="efficientnet-lite0",
        weights="",
        concurrency=None,
        resources=Resources(),
        data_dir=None,
        download=False,
        output_dir=tmp_path,
        fresh=False,
        quiet=True,
    )


class Runs:
    """Stands in for the runs of table 5.1: the accuracy of a metric and seed is the same in every call."""

    def __init__(self, means, deviation):
        self.means, self.deviation, self.calls = means, deviation, []

    def __call__(self, names, settings, console):
        self.calls.append((tuple(names), settings.num_seeds))
        seeds = range(settings.num_seeds)
        rows = tuple(
            MeasuredRow(keys={"metric": metric}, cells={"accuracy": self.samples(place, metric, seeds)})
            for place, metric in enumerate(METRICS)
        )
        path = table_path(settings.output_dir, table="table-5.1", scale="small")
        is_marked = path.exists() and read_measured_file(path).is_sequential
        table = MeasuredTable(
            id="table-5.1",
            system="repr",
            scale="small",
            data=MeasuredData(name="made up"),
            rows=rows,
            seeds=tuple(seeds),
            is_sequential=is_marked,
        )
        write_measured(table, settings.output_dir)
        return 0

    def samples(self, place, metric, seeds):
        mean = self.means.get(metric, 70.0)
        draws = {seed: np.random.default_rng([place, seed]).normal(mean, self.deviation) for seed in seeds}
        return Samples(values={str(seed): float(value) for seed, value in draws.items()})


def run(monkeypatch, runs, settings, *, max_seeds=20, budget_s=1e6):
    monkeypatch.setattr(until_decided, "reproduce_all", runs)
    monkeypatch.setattr(until_decided, "connected", lambda **_: nullcontext())
    console = Console(file=io.StringIO(), width=200)
    limits = Limits(budget_s=budget_s, max_seeds=max_seeds)
    code = reproduce_until_decided(["table-5.1"], settings, limits, console)
    return code, console.file.getvalue()


AHEAD = {metric: 70.0 + 2 * place for place, metric in enumerate(METRICS)}


def test_seeds_are_added_until_the_claims_are_decided(monkeypatch, settings):
    runs = Runs(AHEAD, deviation=0.8)
    code, told = run(monkeypatch, runs, settings)
    numbers = [number for _, number in runs.calls]
    assert code == 0
    assert numbers[0] == 3
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 1
    assert "Claims after the pilot: 0 holds" in told
    assert "Claims at the end: 4 holds, 0 does not hold, 0 undecided" in told


def test_what_no_allowed_number_of_seeds_decides_is_left(monkeypatch, settings):
    runs = Runs({}, deviation=40.0)
    _, told = run(monkeypatch, runs, settings, max_seeds=6)
    assert max(number for _, number in runs.calls) <= 6
    assert "repr.ortho-beats-oracle: not with 6 seeds" in told


def test_the_tables_are_marked_as_looked_at(monkeypatch, settings):
    run(monkeypatch, Runs(AHEAD, deviation=0.8), settings)
    assert read_measured(settings.output_dir).tables["table-5.1"].is_sequential


def test_the_same_command_goes_on_where_it_was(monkeypatch, settings):
    first = Runs(AHEAD, deviation=0.8)
    run(monkeypatch, first, settings)
    again = Runs(AHEAD, deviation=0.8)
    run(monkeypatch, again, settings)
    assert again.calls == [first.calls[-1]]


def test_a_spent_budget_ends_after_the_pilot(monkeypatch, settings):
    runs = Runs(AHEAD, deviation=0.8)
    run(monkeypatch, runs, settings, budget_s=0.0)
    assert [number for _, number in runs.calls] == [3]


def test_a_broken_pilot_is_told_by_the_exit_code(monkeypatch, settings):
    runs = Runs(AHEAD, deviation=0.8)
    assert run(monkeypatch, lambda *arguments: runs(*arguments) or 1, settings, budget_s=0.0)[0] == 1
    assert run(monkeypatch, lambda *_: 130, settings)[0] == 130


def test_the_plan_names_steps_and_runs_nothing(monkeypatch, settings):
    console = Console(file=io.StringIO(), width=200)
    print_decision_plan(["table-5.1"], settings, Limits(budget_s=7200, max_seeds=20), console)
    assert "the pilot comes first" in console.file.getvalue()
    Runs(AHEAD, deviation=0.8)(["table-5.1"], dataclasses.replace(settings), console)
    before = table_path(settings.output_dir, table="table-5.1", scale="small").read_bytes()
    print_decision_plan(["table-5.1"], settings, Limits(budget_s=7200, max_seeds=20), console)
    assert "Steps after the pilot, at most 20 seeds and 2 h" in console.file.getvalue()
    assert table_path(settings.output_dir, table="table-5.1", scale="small").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5h", 5400), ("1d", 86400)]
)
def test_a_duration_has_a_unit(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["2", "0h", "h", "two hours", "-1h"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(UserError, match="--time-budget must be a number above 0"):
        parse_duration(text)
