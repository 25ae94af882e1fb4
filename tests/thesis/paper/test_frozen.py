"""Claims frozen before the runs: what changed afterwards is told."""

import dataclasses

import pytest

from thesis.paper.bounds import BOUNDS
from thesis.paper.frozen import changed_claims, claim_digest, claims_judging, freeze, keep_first

LEAD = "repr.ortho-beats-oracle"


@pytest.fixture
def table(make_table, reference):
    made = make_table("table-5.1", {("ortho",): {"accuracy": [1, 2]}}, keys=("metric",))
    frozen = freeze(claims_judging("table-5.1", "repr", reference), commit="c0ffee")
    return dataclasses.replace(made, judged_by=frozen)


def with_claim(reference, **changes):
    claim = dataclasses.replace(reference.claims[LEAD], **changes)
    return dataclasses.replace(reference, claims={**reference.claims, LEAD: claim})


def test_the_claims_that_read_a_table_judge_it(reference):
    found = {claim.id for claim in claims_judging("table-5.1", "repr", reference)}
    assert LEAD in found
    assert "repr.lower-error-vanilla" not in found


def test_a_table_that_only_a_loop_names_is_judged_by_its_claim(reference):
    found = {claim.id for claim in claims_judging("table-4.4", "pixel-deflection", reference)}
    assert "pixel-deflection.classifier-agnostic" in found


def test_quantities_are_judged_by_the_claims_of_their_system(reference):
    found = {claim.id for claim in claims_judging("measures-repr-figure-5.8", "repr", reference)}
    assert "repr.standard-c3-accuracy" in found
    assert LEAD not in found


def test_nothing_has_changed_at_first(table, reference):
    assert changed_claims([table], reference) == []


@pytest.mark.parametrize(
    "changes",
    [{"check": "2 > 1 and " + 'cell("table-5.1", "accuracy", metric="ortho") > 0'}, {"kind": "value"}],
)
def test_a_changed_check_is_told_with_the_tables_that_came_before_it(table, reference, changes):
    (change,) = changed_claims([table], with_claim(reference, **changes))
    assert (change.claim, change.kind, change.tables) == (LEAD, "changed", ("table-5.1",))


def test_other_words_for_the_same_check_are_no_change(table, reference):
    assert changed_claims([table], with_claim(reference, statement="said otherwise", note="explained")) == []


def test_a_changed_bound_changes_every_claim(monkeypatch, reference):
    before = claim_digest(reference.claims[LEAD])
    monkeypatch.setitem(BOUNDS, "small_spread", 2.0)
    assert claim_digest(reference.claims[LEAD]) != before


def test_a_claim_that_came_later_or_went_is_told(table, reference):
    without = dataclasses.replace(
        reference, claims={name: claim for name, claim in reference.claims.items() if name != LEAD}
    )
    assert [change.kind for change in changed_claims([table], without)] == ["removed"]
    early = freeze(claims_judging("table-5.1", "repr", without), commit="c0ffee")
    added = changed_claims([dataclasses.replace(table, judged_by=early)], reference)
    assert [change.kind for change in added] == ["added"]


def test_measuring_again_keeps_the_note_of_the_first_run(table, reference):
    now = freeze([], commit="later")
    assert keep_first(table.judged_by, now) is table.judged_by
    assert keep_first(None, now) is now
