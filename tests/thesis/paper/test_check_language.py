"""The language of the checks."""

from fractions import Fraction

import pytest

from thesis.paper.check_language import combinations, comparisons, quantity_calls
from thesis.paper.printed_numbers import NotPrintedError, PrintedNumbers, is_true


@pytest.fixture
def truth(reference):
    def told(check, **variables):
        return all(is_true(found) for found in comparisons(check, variables, PrintedNumbers(reference)))

    return told


def test_a_cell_is_the_printed_number(truth):
    assert truth('cell("table-5.1", "accuracy", metric="ortho") == 76.4')


def test_arithmetic_on_printed_numbers_is_exact(truth):
    gap = 'cell("table-7.4", "b5_ter", dataset="wikianswers", layers=4, model="attention") - ' \
          'cell("table-7.4", "b5_ter", dataset="wikianswers", layers=4, model="residual")'  # fmt: skip
    assert truth(f"{gap} == 0.1")


def test_an_advantage_is_signed_by_the_direction_of_its_column(truth):
    assert truth('adv("table-5.4", "error", scheme=("repr-ortho", "ban")) == 1.3')


def test_an_advantage_compares_two_columns_of_a_row(truth):
    assert truth('adv("table-5.5", ("c10_repr", "c10_std"), family="vanilla", layers=3) == 4.3')


def test_an_advantage_takes_several_keys_at_once(truth):
    assert truth(
        'adv("table-7.4", "b5_bleu", dataset="ppdb", layers=(4, 2), model=("residual", "seq2seq")) == 7.8'
    )


def test_an_advantage_in_a_column_without_a_better_side_is_refused(truth):
    with pytest.raises(ValueError, match="better side"):
        truth('adv("table-7.1", "test", dataset=("ppdb", "mscoco")) > 0')


def test_an_advantage_of_a_row_over_itself_is_refused(truth):
    with pytest.raises(ValueError, match="two rows or two columns"):
        truth('adv("table-5.4", "error", scheme="ban") > 0')


def test_a_chain_needs_every_link(truth):
    assert truth("3 > 2 > 1")
    assert not truth("3 > 1 > 2")


def test_a_conjunction_needs_every_part(truth):
    assert not truth("1 > 0 and 0 > 1")


@pytest.mark.parametrize(("tolerance", "expected"), [("0.5", True), ("0.49", False)])
def test_approx_includes_its_tolerance(truth, tolerance, expected):
    assert truth(f"approx(1.5, 1, {tolerance})") is expected


@pytest.mark.parametrize(
    ("check", "expected"), [("abs(-2) < 2", False), ("abs(-2) <= 2", True), ("abs(1 - 3) == 2", True)]
)
def test_a_bounded_absolute_value_keeps_its_strictness(truth, check, expected):
    assert truth(check) is expected


def test_means_and_extremes_take_arguments(truth):
    assert truth("max(1, 3, 2) - min(1, 3, 2) == 2 and mean(1, 2, 6) == 3")


@pytest.mark.parametrize(
    ("check", "texts"),
    [
        ("5 > max(1, 2)", ["5 > 1", "5 > 2"]),
        ("1 <= min(2, 3)", ["1 <= 2", "1 <= 3"]),
        ("min(4, 5) > max(1, 2)", ["4 > 1", "4 > 2", "5 > 1", "5 > 2"]),
        ("3 > max(1, 2) > 0", ["3 > 1", "3 > 2", "max(1, 2) > 0"]),
        ("max(1, 9) > 5", ["max(1, 9) > 5"]),
        ("max(1, 2) + 1 < 5", ["max(1, 2) + 1 < 5"]),
        ("max(1, 2) == 2", ["max(1, 2) == 2"]),
    ],
)
def test_a_lead_over_the_best_rival_is_a_lead_over_each(reference, check, texts):
    found = comparisons(check, {}, PrintedNumbers(reference))
    assert [comparison.text for comparison in found] == texts
    assert all(is_true(comparison) for comparison in found)


def test_a_value_is_told_from_two_numbers_that_should_agree(reference):
    cell = 'cell("table-5.1", "accuracy", metric="ortho")'
    found = comparisons(f"approx({cell}, 76, 1) and approx({cell}, {cell}, 1)", {}, PrintedNumbers(reference))
    assert [comparison.is_printed_value for comparison in found] == [True, False]


def test_a_loop_variable_can_be_a_column_or_a_piece_of_a_name(truth):
    assert truth(
        'cell("table-5.5", d + "_std", family=family, layers=layers) == 8.4',
        d="c10",
        family="resnet",
        layers=20,
    )


def test_a_named_bound_is_a_number(truth):
    assert truth("0.05 < weak", weak=0.1)


def test_a_quantity_is_not_printed(truth):
    with pytest.raises(NotPrintedError, match="file_size"):
        truth('file_size(method="ms-roi") > 0')


def test_a_dash_is_not_printed(truth):
    with pytest.raises(NotPrintedError, match="prints no igsm"):
        truth('cell("table-4.6", "igsm", defense="pixel-padding") > 0')


@pytest.mark.parametrize(
    "check",
    [
        "__import__('os').system('true') == 0",
        "().__class__ == 0",
        "[1 for _ in (1, 2) if True] == 0",
        "max([n for n in (1, 2)]) == 0",
        "pair[0] == 0",
        "(lambda: 1)() == 1",
        "2 ** 9 > 1",
        "not 1 > 2",
        "1 > 2 or 2 > 1",
        "1 != 2",
        "unknown > 0",
        "cell(*('table-5.1',)) > 0",
        "file_size('x') > 0",
        "file_size(**{'a': 1}) > 0",
        "1",
        "1 > 0; 2 > 1",
    ],
)
def test_what_is_not_of_the_language_is_refused(truth, check):
    with pytest.raises(ValueError, match="a check must"):
        truth(check)


def test_literals_are_read_as_they_are_written(reference):
    (found,) = comparisons("0.1 + 0.2 == 0.3", {}, PrintedNumbers(reference))
    assert found.value == Fraction(0)


def test_the_combinations_are_the_product_of_the_loop_values():
    assert combinations({"a": (1, 2), "b": ("x",)}) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
    assert combinations({}) == [{}]


def test_two_loop_variables_can_be_bound_together():
    loops = {"a": (1, 2), "b, c": (("x", 3), ("y", 4))}
    assert combinations(loops)[:2] == [{"a": 1, "b": "x", "c": 3}, {"a": 1, "b": "y", "c": 4}]
    assert len(combinations(loops)) == 4


def test_a_check_names_its_quantities():
    check = 'cell(table, "x", k=1) > mean(cell("table-1", "x"), a(b="c"))'
    assert [name for name, _ in quantity_calls(check)] == ["a"]
