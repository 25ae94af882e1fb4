"""What a plan is said to cost."""

import dataclasses

import pytest

from thesis.cli.printing.reproduction import hours_text
from thesis.execution.training.cost import estimate
from thesis.execution.training.table_plan import table_plan
from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.experiments.tables import REPRODUCTIONS
from thesis_workloads.registry import find_system


def core_s(system, *, scale="small", **overrides):
    config = make_config(find_system(system), scale=scale, overrides=overrides)
    plan = TrainPlan(system=system, scale=scale, config=config, resources=Resources())
    return 3600 * estimate(plan).cpu_core_hours


def test_the_trials_of_a_table_of_small_networks_take_the_minutes_that_they_take():
    # Its 192 trials take 8 to 12 s of one core each (memory_tables.md); arithmetic alone would be a twentieth of that.
    plan = table_plan(REPRODUCTIONS["table-8.3"], scale="small", num_seeds=0, seed=0, resources=Resources())
    found = estimate(plan)
    assert 192 * 4 < 3600 * found.cpu_core_hours < 192 * 18
    assert found.total_flops / found.cpu_flops < 0.05 * 3600 * found.cpu_core_hours


@pytest.mark.parametrize("system", ["condensed-memory", "residual-lstm", "highway-vqa"])
def test_an_epoch_more_costs_an_epoch_and_not_another_start(system):
    costs = [core_s(system, epochs=epochs) for epochs in (1, 2, 3)]
    assert costs[1] - costs[0] == pytest.approx(costs[2] - costs[1])
    assert costs[0] > costs[1] - costs[0]


def test_smaller_batches_make_more_steps_and_cost_more():
    assert core_s("condensed-memory", batch_size=10) > 1.2 * core_s("condensed-memory", batch_size=100)


def test_a_network_of_convolutions_costs_its_arithmetic():
    config = make_config(find_system("repr"), scale="small", overrides={})
    plan = TrainPlan(system="repr", scale="small", config=config, resources=Resources())
    found = estimate(plan)
    assert found.cpu_core_hours == pytest.approx(found.total_flops / found.cpu_flops / 3600)
    twice = dataclasses.replace(plan, config=dataclasses.replace(config, epochs=2 * config.epochs))
    assert estimate(twice).cpu_core_hours == pytest.approx(2 * found.cpu_core_hours)


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0.0, "0"), (0.00004, "< 0.001"), (0.0125, "0.013"), (3.14, "3.1"), (31_400.0, "31,000")],
)
def test_hours_are_written_without_an_exponent(hours, text):
    assert hours_text(hours) == text
