"""More seeds go where they decide most claims per core hour."""

import dataclasses
import math

import numpy as np
import pytest

from thesis.paper.reference import read_reference
from thesis.paper.seed_plan import Target, next_step, open_targets, seeds_to_decide
from thesis.paper.sequential import anytime_quantile
from thesis.paper.verdicts import judge
from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples, collect

LEAD = "repr.ortho-beats-oracle"


def table(ortho, oracle, table_id="table-5.1"):
    rows = {"ortho": ortho, "oracle": oracle}
    return MeasuredTable(
        id=table_id,
        system="repr",
        scale="small",
        data=MeasuredData(name="digits", version="1"),
        rows=tuple(
            MeasuredRow(
                keys={"metric": metric},
                cells={"accuracy": Samples(values={str(i): float(v) for i, v in enumerate(values)})},
            )
            for metric, values in rows.items()
        ),
        seeds=tuple(range(len(ortho))),
        is_sequential=True,
    )


def judged(made):
    reference = read_reference()
    return judge(reference.claims[LEAD], reference, collect([made]))


def test_the_seeds_to_decide_reach_the_bound_and_one_fewer_does_not():
    evidence = judged(table([71, 71.6, 72.9, 73.2], [70.2, 71.1, 72.1, 73.3])).findings[0].evidence
    number = seeds_to_decide(evidence, num_tests=1, max_seeds=200)
    effect = max(evidence.estimate.value, 0.4) / evidence.estimate.deviation

    def is_reached(n):
        return effect * math.sqrt(n) >= anytime_quantile(0.05, num_samples=n, degrees=n - 1)

    assert is_reached(number)
    assert not is_reached(number - 1)
    assert seeds_to_decide(evidence, num_tests=1, max_seeds=number - 1) is None
    assert seeds_to_decide(evidence, num_tests=9, max_seeds=200) > number


def test_the_planned_seeds_decide_about_half_of_the_claims_or_more():
    generator = np.random.default_rng(4)
    draws = generator.normal(1.0, 1.0, (400, 30))
    number = next(
        n for n in range(3, 31) if math.sqrt(n) >= anytime_quantile(0.05, num_samples=n, degrees=n - 1)
    )
    t = draws[:, :number].mean(1) / draws[:, :number].std(1, ddof=1) * math.sqrt(number)
    assert 0.4 < np.mean(t > anytime_quantile(0.05, num_samples=number, degrees=number - 1)) < 0.75


def test_a_claim_that_the_most_seeds_cannot_decide_is_hopeless():
    made = table([70, 72.9, 72.2], [70.2, 71.0, 74.1])
    (target,) = open_targets([judged(made)], {made.id: made}, max_seeds=30)
    assert (target.claim, target.num_seeds) == (LEAD, None)
    assert next_step([target], {made.id: made}, {made.id: 1.0}) is None


def test_a_decided_claim_waits_for_nothing():
    made = table([80.1, 81.2, 82.0, 83.1, 84.2, 85], [70, 71, 72.1, 73, 74, 75])
    assert judged(made).verdict == "holds"
    assert open_targets([judged(made)], {made.id: made}, max_seeds=30) == []


def test_a_single_seed_asks_for_a_look_at_three():
    made = table([71], [70])
    (target,) = open_targets([judged(made)], {made.id: made}, max_seeds=30)
    assert target.num_seeds == 3


@pytest.fixture
def tables():
    made = {name: table([70, 71, 72], [70, 71, 72], name) for name in ("cheap", "dear")}
    return made


def target(claim, name, num_seeds):
    return Target(claim=claim, tables=(name,), num_seeds=num_seeds)


def test_the_step_decides_most_claims_per_core_hour(tables):
    targets = [target("a", "cheap", 8), target("b", "dear", 8), target("c", "dear", 8)]
    assert next_step(targets, tables, {"cheap": 1.0, "dear": 5.0}).tables == ("cheap",)
    step = next_step(targets, tables, {"cheap": 1.0, "dear": 1.5})
    assert (step.tables, step.claims, step.core_hours) == (("dear",), ("b", "c"), pytest.approx(7.5))


def test_a_step_goes_as_far_as_pays(tables):
    targets = [target("a", "cheap", 4), target("b", "cheap", 4), target("c", "cheap", 30)]
    step = next_step(targets, tables, {"cheap": 1.0})
    assert (step.num_seeds, step.claims) == (4, ("a", "b"))


def test_what_cannot_be_extended_is_not_planned(tables):
    assert next_step([target("a", "dear", 8)], tables, {"cheap": 1.0}) is None


def test_claims_over_images_wait_for_no_seeds():
    made = table([70, 71.9, 72], [70, 71, 72.8])
    rows = tuple(
        dataclasses.replace(
            row,
            cells={key: dataclasses.replace(cell, unit="image") for key, cell in row.cells.items()},
        )
        for row in made.rows
    )
    images = dataclasses.replace(made, rows=rows)
    assert open_targets([judged(images)], {images.id: images}, max_seeds=30) == []
