import pytest

from thesis.reporting.drawing.axes import scale_for


def test_a_few_numbers_get_a_tick_each_in_their_order():
    scale = scale_for([30.0, 10.0, 30.0, 50.0])
    assert (scale.kind, scale.values) == ("ticked", (10.0, 30.0, 50.0))
    assert scale.labels() == ["10", "30", "50"]


def test_words_get_a_tick_each():
    assert scale_for(["weights", "ortho"]).values == ("ortho", "weights")


def test_many_numbers_are_continuous():
    assert scale_for(list(range(5, 30))).kind == "linear"


def test_numbers_over_decades_are_on_a_logarithmic_scale():
    scale = scale_for([10.0 ** (-4 + index / 4) for index in range(13)])
    assert scale.kind == "log"
    assert scale.fraction(0.01) == pytest.approx(2 / 3)


def test_zero_keeps_a_scale_linear():
    assert scale_for([0.0, *(10.0**index for index in range(10))]).kind == "linear"


def test_ticks_of_a_continuous_scale_are_round_and_inside():
    scale = scale_for([6.078 + index * 1.31 for index in range(40)])
    assert scale.ticks() == [10, 20, 30, 40, 50]


def test_decades_are_labelled_at_one_and_three():
    assert scale_for([0.0002 * 1.5**index for index in range(14)]).labels() == [
        "0.0003",
        "0.001",
        "0.003",
        "0.01",
        "0.03",
    ]


def test_one_value_lies_in_the_middle():
    assert scale_for([30.0, 30.0]).fraction(30.0) == 0.5
