import pytest

from thesis.reporting.drawing.style import new_figure
from thesis.reporting.tables import curves as table_curves
from thesis.reporting.tables import measured_points
from thesis.results.findings import CellSamples
from thesis_workloads.contract.tables import Curves


def cells(xs, *, key):
    return [
        CellSamples(row={key: x, "of": of}, column="y", values={"0": number, "1": number + 2.0})
        for of in ("values", "ranks")
        for number, x in enumerate(xs)
    ]


def drawn(xs, *, key):
    axes = new_figure("").subplots()
    curves = Curves(x=key, x_label=key, y="y", y_label="y", line="of")
    table_curves._draw(axes, curves, cells(xs, key=key))
    return axes


def test_numbers_are_joined_in_their_order():
    for container in drawn([3, 1, 2], key="epoch").containers:
        assert container.lines[0].get_linestyle() == "-"
        assert list(container.lines[0].get_xdata()) == [1, 2, 3]
        assert list(container.lines[0].get_ydata()) == [2, 3, 1]  # means of the samples


def test_categories_stand_side_by_side_and_are_not_joined():
    axes = drawn(["ortho", "taylor"], key="metric")
    first, second = (container.lines[0] for container in axes.containers)
    assert (first.get_linestyle(), second.get_linestyle()) == ("None", "None")
    assert [text.get_text() for text in axes.get_xticklabels()] == ["ortho", "taylor"]
    assert (first.get_xdata() + second.get_xdata()) / 2 == pytest.approx([0, 1])
    assert all(first.get_xdata() < second.get_xdata())


def test_a_figure_without_a_measured_column_is_not_drawn(tmp_path):
    curves = Curves(x="epoch", x_label="epoch", y="other", y_label="other")
    found = table_curves.draw_curves(tmp_path, "figure-5.3", "title", [curves], cells([1], key="epoch"))
    assert found == []


def test_whole_numbers_have_no_ticks_between_them():
    axes = drawn([1, 2], key="layers")
    assert all(float(tick).is_integer() for tick in axes.get_xticks())


def test_the_background_is_grey_where_the_shaded_column_is_one():
    curves = Curves(x="epoch", x_label="epoch", y="y", y_label="y", shaded="phase")
    phases = [
        CellSamples(row={"epoch": epoch}, column="phase", values={"0": value})
        for epoch, value in ((1, 0.0), (2, 1.0), (3, 1.0))
    ]
    axes = new_figure("").subplots()
    table_curves._shade(axes, curves, [*cells([1, 2, 3], key="epoch"), *phases])
    assert sorted(patch.get_x() for patch in axes.patches) == [1, 2]


def curves_of(lines, *, values):
    axes = new_figure("").subplots()
    curves = Curves(x="epoch", x_label="epoch", y="y", y_label="score", line="line")
    rows = [{"line": line, "epoch": epoch} for line in lines for epoch in (1, 2)]
    table_curves._draw(axes, curves, [CellSamples(row=row, column="y", values=values) for row in rows])
    return axes


def test_lines_of_one_name_share_a_colour_and_differ_in_their_dashes():
    axes = curves_of(["a, training", "a, validation", "b, training"], values={"0": 1.0, "1": 2.0})
    first, second, third = (container.lines[0] for container in axes.containers)
    assert first.get_color() == second.get_color() != third.get_color()
    assert first.get_linestyle() == third.get_linestyle() != second.get_linestyle()


def test_the_legend_says_what_a_number_counts_and_nothing_before_a_name():
    texts = curves_of(["4", "a"], values={"0": 1.0}).get_legend().get_texts()
    assert [text.get_text() for text in texts] == ["line 4", "a"]


def test_only_what_was_measured_more_than_once_has_an_interval():
    assert curves_of(["a"], values={"0": 1.0}).get_ylabel() == "score"
    assert curves_of(["a"], values={"0": 1.0, "1": 2.0}).get_ylabel() == "score\n(mean, 95 % interval)"


def test_a_measured_column_along_the_axis_gives_points_with_two_intervals():
    curves = Curves(x="regime", x_column="gap", x_label="gap", y="gain", y_label="gain", line="of")
    found = [
        CellSamples(row={"regime": name, "of": of}, column=column, values={"0": value, "1": value + 2.0})
        for name, of, gap, gain in (
            ("a", "noise", 5.0, 1.0),
            ("b", "noise", 20.0, 8.0),
            ("c", "rate", 9.0, 2.0),
        )
        for column, value in (("gap", gap), ("gain", gain))
    ]
    lonely = CellSamples(row={"regime": "d", "of": "rate"}, column="gain", values={"0": 1.0})
    axes = new_figure("").subplots()
    measured_points.draw_points(axes, curves, [*found, lonely])
    noise, rate = axes.containers
    assert list(noise.lines[0].get_xdata()) == [6, 21]
    assert list(noise.lines[0].get_ydata()) == [2, 9]
    assert len(noise.lines[2]) == 2  # bars along both axes
    assert list(rate.lines[0].get_xdata()) == [10]
    assert [text.get_text() for text in axes.texts] == ["a", "b", "c"]
