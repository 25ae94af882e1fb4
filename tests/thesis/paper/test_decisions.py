"""What a report says of how much is decided: power beside "undecided", costs of the rest, changes after the runs."""

import dataclasses

import pytest

from thesis.paper.decisions import num_in_part, num_lasting, remaining
from thesis.paper.explanations import MEANINGS
from thesis.paper.frozen import claims_judging, freeze
from thesis.paper.reference import read_reference
from thesis.paper.verdicts import judge_all
from thesis.reporting.page.content import gather
from thesis.reporting.page.forest import forest_rows
from thesis.reporting.page.html import report_page
from thesis.reporting.page.markdown import report_markdown
from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples, Spent, collect
from thesis.results.table_files import read_measured_file, table_path, write_measured

LEAD = "repr.ortho-beats-oracle"  # by 0.4 points in print


def samples(*values):
    return Samples(values={str(index): float(value) for index, value in enumerate(values)})


def table(ortho=(70.3, 70.9, 72.6), oracle=(70.2, 71.1, 72.1), **changes):
    rows = {"ortho": ortho, "oracle": oracle}
    made = MeasuredTable(
        id="table-5.1",
        system="repr",
        scale="small",
        data=MeasuredData(name="digits", version="1"),
        rows=tuple(
            MeasuredRow(keys={"metric": metric}, cells={"accuracy": samples(*values)})
            for metric, values in rows.items()
        ),
        seeds=(0, 1, 2),
        spent=Spent(num_trials=6, num_reused=3, core_s=30.0, wall_s=20.0),
        provenance={"git.commit": "0123456789abcdef", "command": "thesis reproduce table-5.1 --scale small"},
    )
    return dataclasses.replace(made, **changes)


def judged(made):
    return [found for found in judge_all(read_reference(), collect([made])) if found.verdict != "not run"]


@pytest.fixture
def page(tmp_path):
    write_measured(table(), tmp_path)
    return report_page(gather(tmp_path))


def test_the_rest_is_costed_by_what_a_seed_took(tmp_path):
    made = table()
    (found,) = [each for each in judged(made) if each.claim.id == LEAD]
    needed = found.findings[0].evidence.needed
    rest = remaining([found], {made.id: made})
    assert rest.needed == {("table-5.1", "seed"): needed}
    assert rest.core_s == pytest.approx(20.0 * (needed - 3))  # 30 s for half of three seeds' trials
    assert f"1 of 1 with up to {needed} seeds in 1 table; about" in rest.words


def test_where_the_print_shows_no_difference_the_measured_one_is_planned():
    made = table()
    (found,) = [each for each in judged(made) if each.claim.id == LEAD]
    finding = found.findings[0]
    evidence = dataclasses.replace(finding.evidence, published=-0.4)
    blind = dataclasses.replace(found, findings=(dataclasses.replace(finding, evidence=evidence),))
    needed = remaining([blind], {made.id: made}).needed
    assert needed == {("table-5.1", "seed"): evidence.needed_as_measured}
    assert evidence.needed is None


def test_what_is_decided_only_without_correction_is_counted_apart():
    found = judged(table(ortho=(75.3, 75.9, 77.6)))
    decided = [each for each in found if each.verdict in ("holds", "does not hold")]
    assert decided
    weak = [dataclasses.replace(each, p_adjusted=0.2) for each in decided]
    assert (num_lasting(decided), num_lasting(weak)) == (len(decided), 0)
    assert num_in_part(found) == sum(each.coverage[0] < each.coverage[1] for each in found)


def test_every_verdict_is_explained_where_it_first_stands(page):
    for meaning in MEANINGS.values():
        assert page.index(meaning) < page.index("Verdicts per system")
    for word in ("is excluded", "Equal within", "Judged on 6 of 18", "over all"):
        assert word in page


def test_undecided_never_stands_alone(page):
    assert "the published 0.4 needs" in page
    assert "3 seeds detect" in page


def test_a_claim_opens_to_its_numbers_seeds_commit_and_command(page):
    claim = page[page.index(f'id="{LEAD}"') :].split("</li></ul>")[0]
    for words in (
        "p, Holm",
        "seeds 0, 1, 2",
        "commit 0123456789ab",
        "thesis reproduce table-5.1 --scale small",
    ):
        assert words in claim


def test_the_forest_has_the_measured_interval_and_the_published_mark():
    (row,) = [each for each in forest_rows(judged(table())) if each.judged.claim.id == LEAD]
    assert (row.unit, row.published) == ("percent", pytest.approx(0.4))
    assert row.low < row.value < row.high


def test_a_forest_row_leads_to_its_claim(page):
    assert f'<a href="#{LEAD}">ortho beats oracle</a>' in page
    assert 'class="published"' in page


def test_the_foot_of_a_table_says_what_its_intervals_cover(page):
    assert "Intervals are over seeds, on one fixed set of test items: another set is not covered." in page


def test_claims_that_changed_after_the_first_run_are_listed(tmp_path):
    frozen = freeze(claims_judging("table-5.1", "repr", read_reference()), commit="c0ffee")
    early = dataclasses.replace(frozen, claims={**frozen.claims, LEAD: "another check"})
    write_measured(table(judged_by=early), tmp_path)
    report = gather(tmp_path)
    told = f"<code>{LEAD}</code> was changed after table-5.1 was first measured"
    assert told in report_page(report)
    assert f"- {LEAD} was changed after table-5.1" in report_markdown(report)


def test_a_table_keeps_its_frozen_claims_in_its_file(tmp_path):
    frozen = freeze(claims_judging("table-5.1", "repr", read_reference()), commit="c0ffee")
    write_measured(table(judged_by=frozen, is_sequential=True), tmp_path)
    read = read_measured_file(table_path(tmp_path, table="table-5.1", scale="small"))
    assert (read.judged_by, read.is_sequential) == (frozen, True)


def test_seeds_added_by_looking_are_told(tmp_path):
    write_measured(table(is_sequential=True), tmp_path)
    assert "however often one looks" in report_page(gather(tmp_path))
