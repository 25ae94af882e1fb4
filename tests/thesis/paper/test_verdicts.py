"""Claims tested on made-up measured tables: each verdict can be reached, and for the right reason."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from thesis.paper.check_language import Comparison
from thesis.paper.verdicts import VERDICTS, decide, judge, judge_all
from thesis.results.measured_tables import BrokenTable, Measured, MeasuredData, Samples, collect

FASHION = MeasuredData(name="fashion", version="1", digest="f1")


@pytest.fixture
def table_5_1(make_table):
    def make(ortho, oracle, **options):
        rows = {("ortho",): {"accuracy": ortho}, ("oracle",): {"accuracy": oracle}}
        return make_table("table-5.1", rows, keys=("metric",), **options)

    return make


@pytest.mark.parametrize(
    ("ortho", "oracle", "verdict"),
    [
        ([95, 96, 95.5], [90, 91, 90.4], "holds"),
        ([90, 91, 90.4], [95, 96, 95.5], "does not hold"),
        ([90, 96, 93], [91, 92, 95], "undecided"),
        ([96], [90], "undecided"),
        ([90, 91, 92], [90, 91, 92], "does not hold"),
    ],
)
def test_an_order_is_decided_by_the_paired_interval(judged, table_5_1, ortho, oracle, verdict):
    assert judged("repr.ortho-beats-oracle", table_5_1(ortho, oracle)).verdict == verdict


def test_pairing_by_seed_decides_what_the_spread_of_seeds_would_hide(judged, table_5_1):
    found = judged("repr.ortho-beats-oracle", table_5_1([60.2, 80.1, 99.15], [60, 80, 99]))
    assert found.verdict == "holds"


def test_one_seed_is_undecided_and_says_why(judged, table_5_1):
    assert "fewer than two shared seeds" in judged("repr.ortho-beats-oracle", table_5_1([96], [90])).why


def test_what_has_not_been_run_says_so(judged):
    found = judged("repr.ortho-beats-oracle")
    assert (found.verdict, found.why) == ("not run", "Not run: table-5.1.")


def test_a_broken_table_is_told_from_one_that_was_not_run(reference):
    measured = Measured(tables={}, broken=(BrokenTable(id="table-5.1", path="x", error="torn"),))
    found = judge(reference.claims["repr.ortho-beats-oracle"], reference, measured)
    assert (found.verdict, found.why) == ("not run", "Broken: table-5.1.")


def test_a_missing_row_is_not_run(judged, make_table):
    table = make_table("table-5.1", {("ortho",): {"accuracy": [1, 2]}}, keys=("metric",))
    assert "accuracy of table-5.1 for metric oracle" in judged("repr.ortho-beats-oracle", table).why


def test_scale_and_data_are_said(judged, table_5_1):
    found = judged("repr.ortho-beats-oracle", table_5_1([95, 96, 95.5], [90, 91, 90.4]))
    assert found.where == ("small, digits-300 1.7",)


VALUE = "repr.orthogonality-loss-on-repr-small"  # approx(repr_ol, repr, 0.5) on two data sets


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [([0.1, 0.2, 0.15], "holds"), ([3, 3.1, 2.9], "does not hold"), ([-1, 0.2, 2], "undecided")],
)
def test_a_value_is_decided_by_an_interval_within_the_tolerance(judged, make_table, gain, verdict):
    cells = {"repr": [70, 71, 72], "repr_ol": [70 + gain[0], 71 + gain[1], 72 + gain[2]]}
    table = make_table(
        "table-5.2",
        {("cifar-10",): cells, ("cifar-100",): cells},
        keys=("dataset",),
        row_data={("cifar-100",): FASHION},
    )
    assert judged(VALUE, table).verdict == verdict


@pytest.mark.parametrize(("counts", "verdict"), [((100, 100), "holds"), ((100, 101), "does not hold")])
def test_an_equality_of_counts_is_decided_exactly(judged, make_table, counts, verdict):
    rows = {
        (model, 4): {"parameters": Samples(values={"count": float(count)}, unit="exact")}
        for model, count in zip(("residual", "seq2seq"), counts, strict=True)
    }
    table = make_table("measures-residual-lstm", rows, keys=("model", "layers"), system="residual-lstm")
    assert judged("residual-lstm.no-extra-parameters", table).verdict == verdict


def test_an_equality_of_samples_cannot_be_proved(judged, make_table):
    rows = {("repr-ortho",): {"number": [30, 31, 32.5]}, ("standard",): {"number": [31, 30, 32]}}
    assert (
        judged("repr.vqa-number-unchanged", make_table("table-5.8", rows, keys=("training",))).verdict
        == "undecided"
    )


def comparison(test, tolerance=0.0):
    return Comparison(value=0.0, test=test, tolerance=tolerance, text="")


@pytest.mark.parametrize(
    ("test", "tolerance", "interval", "verdict"),
    [
        ("positive", 0, (0.1, 1), "holds"),
        ("positive", 0, (0, 1), "undecided"),
        ("positive", 0, (-1, 0), "does not hold"),
        ("not negative", 0, (0, 1), "holds"),
        ("not negative", 0, (-1, 0), "undecided"),
        ("not negative", 0, (-1, -0.1), "does not hold"),
        ("zero", 0, (0, 0), "holds"),
        ("zero", 0, (-1, 1), "undecided"),
        ("zero", 0, (0.1, 1), "does not hold"),
        ("within", 1, (-1, 1), "holds"),
        ("within", 1, (0, 2), "undecided"),
        ("within", 1, (-3, -1.1), "does not hold"),
        ("strictly within", 1, (-0.9, 0.9), "holds"),
        ("strictly within", 1, (-1, 0), "undecided"),
        ("strictly within", 1, (1, 2), "does not hold"),
    ],
)
def test_each_test_has_each_verdict(test, tolerance, interval, verdict):
    assert decide(comparison(test, tolerance), interval) == verdict


EVERY = "repr.lower-error-vanilla"  # four depths on two data sets


def depths(make_table, gains):
    base = [30.0, 31.0, 32.5]
    rows = {
        ("vanilla", layers): {
            column: [value - (gain if column.endswith("repr") else 0) - index * 0.01
                     if column.endswith("repr") else value for index, value in enumerate(base)]
            for column in ("c10_std", "c10_repr", "c100_std", "c100_repr")
        }
        for layers, gain in gains.items()
    }  # fmt: skip
    return make_table("table-5.5", rows, keys=("family", "layers"))


def test_a_claim_holds_if_every_combination_does(judged, make_table):
    found = judged(EVERY, depths(make_table, {3: 2, 8: 2, 13: 2, 18: 2}))
    assert (found.verdict, found.why) == ("holds", "All 8 comparisons hold.")


def test_one_clear_counterexample_refutes_a_claim(judged, make_table):
    found = judged(EVERY, depths(make_table, {3: 2, 8: 2, 13: -2, 18: 2}))
    assert (found.verdict, found.count("holds"), found.count("does not hold")) == ("does not hold", 6, 2)
    assert "6 hold, 2 do not hold; e.g. dataset c10, layers 13" in found.why


def test_a_claim_whose_rows_cannot_all_be_built_is_judged_on_those_that_can(judged, make_table):
    found = judged(EVERY, depths(make_table, {3: 2, 8: 2}))
    assert (found.verdict, found.coverage) == ("holds", (4, 8))
    assert found.why == (
        "All measured 4 comparisons hold (4 of 8 can be judged here;"
        " not measured: c10_repr of table-5.5 for family vanilla, layers 13)."
    )


def test_many_combinations_ask_for_more_than_one_unlucky_interval(judged, make_table):
    metrics = (
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
    rows = {(metric,): {"accuracy": [80, 81, 82, 83]} for metric in metrics}
    rows["standard",] = {"accuracy": [70, 71, 72, 73]}
    rows["random",] = {"accuracy": [69.0, 70.5, 71.6, 72.1]}  # worse at 95 %, not at 99.7 %
    found = judged("repr.every-metric-helps", make_table("table-5.1", rows, keys=("metric",)))
    assert (found.findings[0].verdict, found.verdict) == ("does not hold", "undecided")


def test_tables_of_different_scales_are_not_compared(judged, make_table):
    rows = {("igsm",): {"ens10": [90, 91, 92]}}
    tables = [
        make_table(f"table-4.{n}", rows, keys=("attack",), system="pixel-deflection", scale=scale)
        for n, scale in ((3, "small"), (4, "smoke"), (5, "small"))
    ]
    finding = next(
        f
        for f in judged("pixel-deflection.classifier-agnostic", *tables).findings
        if f.combination["attack"] == "igsm"
    )
    assert finding.verdict == "undecided"
    assert "different scales" in finding.why


def test_rows_on_different_data_are_not_compared(judged, make_table):
    rows = {("ortho",): {"accuracy": [95, 96, 97]}, ("oracle",): {"accuracy": [80, 81, 82]}}
    table = make_table("table-5.1", rows, keys=("metric",), row_data={("oracle",): FASHION})
    found = judged("repr.ortho-beats-oracle", table)
    assert found.verdict == "undecided"
    assert found.why == "They were measured on different data: fashion 1 and digits-300 1.7."


LARGER = "ms-roi.larger-images-gain-more"


def gains(make_table, **options):
    rows = {
        (name, method): {"psnr_hvs": [30 + gain * (method == "ms-roi") + 0.01 * i * i for i in range(4)]}
        for name, gain in (("kodak", 0.1), ("mit-outdoor", 0.4), ("large-resized", 1.5))
        for method in ("ms-roi", "std-jpeg")
    }
    return make_table("table-2.1", rows, keys=("dataset", "method"), system="ms-roi", unit="image", **options)


def test_data_sets_are_compared_where_the_claim_does(judged, make_table):
    data = {
        (name, method): MeasuredData(name=f"my-{name}", digest=name)
        for name in ("kodak", "mit-outdoor", "large-resized")
        for method in ("ms-roi", "std-jpeg")
    }
    found = judged(LARGER, gains(make_table, row_data=data))
    assert found.verdict == "holds"
    assert "small, my-kodak" in found.where


def test_two_data_sets_measured_on_the_same_data_are_not_compared(judged, make_table):
    found = judged(LARGER, gains(make_table))
    assert found.verdict == "undecided"
    assert "were both measured on digits-300" in found.why


def sizes(make_table, gains_by_size):
    rows = {("large-resized", size): {"psnr_hvs_gain": values} for size, values in gains_by_size.items()}
    return make_table("measures-ms-roi", rows, keys=("set", "size"), system="ms-roi", unit="image")


def test_an_open_ended_loop_runs_over_what_was_measured(judged, make_table):
    table = sizes(make_table, {100: [1, 1.1, 1.2], 200: [2, 2.1, 2.2]})
    found = judged("ms-roi.psnr-hvs-gain-all-sizes", table)
    assert [finding.combination["size"] for finding in found.findings] == [100, 200]
    assert found.verdict == "holds"


def test_an_open_ended_loop_without_measurements_is_not_run(judged):
    assert judged("ms-roi.psnr-hvs-gain-all-sizes").verdict == "not run"


def test_an_exception_that_a_claim_names_is_left_out_of_the_others(judged, make_table):
    rows = {("mit", category): {"psnr_hvs_gain": [1, 1.1, 1.2]} for category in ("pattern", "affective")}
    table = make_table("measures-ms-roi", rows, keys=("set", "category"), system="ms-roi", unit="image")
    categories = [f.combination["category"] for f in judged("ms-roi.category-gains-positive", table).findings]
    assert "affective" in categories
    assert "pattern" not in categories


def test_what_others_reported_is_not_run(judged):
    assert judged("pixel-deflection.external-quilting").verdict == "not run"


def test_quantities_of_another_system_do_not_count(judged, make_table):
    table = make_table("measures-repr", {(): {"gradient_evaluations": [1]}}, keys=())
    assert judged("aug-ms-roi.fgsm-one-gradient", table).verdict == "not run"


def test_every_claim_is_judged_when_nothing_was_measured(reference):
    found = judge_all(reference, collect([]))
    assert {verdict.verdict for verdict in found} == {"not run"}
    assert len(found) == 235


def test_the_printed_numbers_taken_as_exact_measurements_agree_with_the_printed_verdicts(
    reference, make_table
):
    tables = [
        make_table(
            table.id,
            {
                tuple(row.keys.values()): {
                    column: Samples(values={"printed": float(value)}, unit="exact")
                    for column, value in row.values.items()
                }
                for row in table.rows
            },
            keys=table.row_keys,
            system=table.system,
            row_data={
                tuple(row.keys.values()): MeasuredData(name=str(row.keys["dataset"]))
                for row in table.rows
                if "dataset" in row.keys
            },
        )
        for table in reference.tables.values()
    ]
    expected = {"holds": "holds", "partly": "does not hold", "fails": "does not hold"}
    wrong = [
        (found.claim.id, found.claim.printed, found.verdict, found.why)
        for found in judge_all(reference, collect(tables))
        if found.claim.printed in expected and found.verdict != expected[found.claim.printed]
    ]
    assert wrong == []


def test_the_four_verdicts_are_named_once():
    assert VERDICTS == ("holds", "does not hold", "undecided", "not run")


def test_an_undecided_claim_names_a_combination_that_was_measured(judged, make_table):
    found = judged(EVERY, depths(make_table, {8: 0, 13: 2, 18: 2}))
    assert (found.verdict, found.count("not run")) == ("undecided", 2)
    assert "e.g. dataset c10, layers 8" in found.why


def claim_of(reference, check, **forall):
    claim = reference.claims["repr.ortho-beats-oracle"]
    return dataclasses.replace(claim, check=check, forall=forall)


def lead(better, worse):
    return f'adv("table-5.1", "accuracy", metric=("{better}", "{worse}")) > 0'


def metrics(make_table, **values):
    rows = {(metric,): {"accuracy": samples} for metric, samples in values.items()}
    return make_table("table-5.1", rows, keys=("metric",))


@pytest.mark.parametrize("order", [("random", "taylor"), ("taylor", "random")])
def test_the_order_of_the_comparisons_does_not_matter(reference, make_table, order):
    table = metrics(
        make_table,
        ortho=[69.0, 70.5, 71.6, 72.6],
        random=[70, 71, 72, 73],  # better than ortho at 95 % alone, not after a correction
        taylor=[79, 80.4, 81.7, 82.1],  # better at any level
    )
    claim = claim_of(reference, " and ".join(lead("ortho", rival) for rival in order), twice=(1, 2))
    found = judge(claim, reference, collect([table]))
    assert found.verdict == "does not hold"
    assert [finding.is_refuted for finding in found.findings].count(True) >= 1


def test_the_correction_counts_comparisons_and_only_those_that_were_measured(reference, make_table):
    table = metrics(
        make_table, ortho=[69, 70, 71.5, 72], random=[70, 71.2, 72, 73], taylor=[65, 66, 67, 68.2]
    )
    two = [lead("ortho", "random"), lead("ortho", "taylor")]
    never = [lead("ortho", rival) for rival in ("apoz", "hessian", "weights")]
    found = judge(claim_of(reference, " and ".join(two)), reference, collect([table]))
    more = judge(claim_of(reference, " and ".join(two + never)), reference, collect([table]))
    raw = found.findings[0].evidence.p_against
    assert found.findings[0].p_adjusted == pytest.approx(2 * raw)
    assert more.findings[0].p_adjusted == pytest.approx(2 * raw)
    assert more.coverage == (2, 5)


def test_many_margins_below_zero_refute_a_claim_that_none_of_them_refutes(reference, make_table):
    generator = np.random.default_rng(2)
    rivals = ("random", "activations", "apoz", "gradients", "taylor", "hessian", "weights", "oracle")
    values = {rival: 70 + generator.normal(0, 1, 3) for rival in rivals}
    table = metrics(make_table, ortho=[68.0, 68.3, 67.9], **values)
    claim = claim_of(reference, lead("ortho", "x").replace('"x"', "rival"), rival=rivals)
    found = judge(claim, reference, collect([table]))
    assert found.verdict == "does not hold"
    assert not any(finding.is_refuted for finding in found.findings)
    assert found.mean_margin.value == pytest.approx(
        np.mean([np.mean([68.0, 68.3, 67.9]) - np.mean(each) for each in values.values()])
    )
    assert "the mean margin of all is" in found.why


def share_refuted(reference, make_table, check, names, *, num_draws, num_seeds):
    generator = np.random.default_rng(11)
    claim = claim_of(reference, check)
    refuted = 0
    for _ in range(num_draws):
        values = {name: 70 + generator.normal(size=num_seeds) for name in names}
        refuted += (
            judge(claim, reference, collect([metrics(make_table, **values)])).verdict == "does not hold"
        )
    return refuted / num_draws


NAMES = ("random", "activations", "apoz", "gradients", "taylor", "hessian", "weights", "oracle", "ortho")


def accuracy(metric):
    return f'cell("table-5.1", "accuracy", metric="{metric}")'


def test_seven_equal_means_in_a_chain_are_hardly_ever_refuted(reference, make_table):
    check = " >= ".join(map(accuracy, NAMES[:7]))
    assert share_refuted(reference, make_table, check, NAMES[:7], num_draws=120, num_seeds=5) <= 0.05


def test_nine_equal_rivals_are_hardly_ever_said_to_refute(reference, make_table):
    check = f"{accuracy('standard')} > max({', '.join(map(accuracy, NAMES))})"
    names = ("standard", *NAMES)
    assert share_refuted(reference, make_table, check, names, num_draws=120, num_seeds=5) <= 0.05


def test_p_values_are_corrected_over_all_claims_together(reference, make_table):
    generator = np.random.default_rng(6)
    table = metrics(make_table, **{name: 70 + generator.normal(i, 1, 5) for i, name in enumerate(NAMES)})
    found = [each for each in judge_all(reference, collect([table])) if each.p_value is not None]
    assert len(found) > 1
    assert all(each.p_adjusted >= each.p_value for each in found)
    raw, adjusted = ([getattr(each, name) for each in found] for name in ("p_value", "p_adjusted"))
    assert adjusted == pytest.approx(list(stats.false_discovery_control(raw)))
