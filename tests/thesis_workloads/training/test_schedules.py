import pytest

from thesis_workloads.training.schedules import learning_rate_at


def rate(name, progress, *, start=0.1, epochs=100):
    return learning_rate_at(name, progress, learning_rate=start, epochs=epochs)


def test_a_constant_rate_stays():
    assert rate("constant", 0) == rate("constant", 99.9) == 0.1


def test_steps_take_the_three_rates_of_figure_5_7():
    assert [rate("steps", progress) for progress in (0, 49.9, 50, 75)] == pytest.approx(
        [0.1, 0.1, 0.01, 0.001]
    )


def test_steps_are_counted_from_the_start_they_are_given():
    rates = [
        learning_rate_at("steps", progress, learning_rate=0.1, epochs=100, start=90)
        for progress in (0, 89.9, 90, 94.9, 95, 97.4, 97.5, 99)
    ]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_halving_halves_the_rate_whenever_its_epochs_are_over():
    rates = [
        learning_rate_at("halving", progress, learning_rate=0.05, epochs=379, halving_epochs=35.5)
        for progress in (0, 35.4, 35.5, 71, 378.9)
    ]
    assert rates == pytest.approx([0.05, 0.05, 0.025, 0.0125, 0.05 / 2**10])


def test_a_cycle_has_the_start_height_and_period_of_figure_5_7():
    rates = [rate("cyclic", progress, start=0.001) for progress in (0, 12.5, 25, 37.5, 50, 75)]
    assert rates == pytest.approx([0.001, 0.0035, 0.006, 0.0035, 0.001, 0.006])


def test_an_unknown_schedule_is_refused():
    with pytest.raises(
        ValueError, match="schedule must be one of constant, steps, cyclic, halving, got schedule='cosine'"
    ):
        rate("cosine", 0)
