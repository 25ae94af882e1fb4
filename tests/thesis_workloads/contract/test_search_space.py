import itertools
import math
from collections import Counter

import pytest

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.search_space import Choice, Range, grid, half_grid, parse_space, sample
from thesis_workloads.systems.repr.config import RePrConfig


def parsed(*texts):
    return parse_space(texts, RePrConfig)


def test_a_list_is_a_choice_of_typed_values():
    assert parsed("s1=10,20", "p=10,30") == {"s1": Choice(values=(10, 20)), "p": Choice(values=(10.0, 30.0))}


def test_a_range_knows_its_scale_and_whether_it_is_whole():
    space = parsed("p=10:50", "learning_rate=1e-3:1e-1:log", "s1=5:20")
    assert space["learning_rate"] == Range(low=1e-3, high=0.1, log=True)
    assert space["s1"] == Range(low=5, high=20, integer=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p=", "p is empty"),
        ("p=,", "p is empty"),
        ("p=50:10", "needs low < high"),
        ("p=0:10:log", "low > 0"),
        ("p=1:2:3", "must be low:high or low:high:log"),
        ("metric=a:b", "metric is not a number"),
        ("s3=1,2", "no setting 's3', did you mean 's2'"),
        ("s1=1.5", "s1 must be a whole number"),
        ("s1", "must be key=values"),
    ],
)
def test_a_wrong_space_is_one_error_that_names_it(text, message):
    with pytest.raises(UserError, match=message):
        parsed(text)


def test_a_grid_has_every_combination_once():
    points = grid(parsed("s1=10,20", "p=10,30,50"))
    assert len(points) == 6
    assert len({tuple(point.values()) for point in points}) == 6


def test_a_range_has_no_grid():
    with pytest.raises(UserError, match="a grid needs listed values for p"):
        grid(parsed("p=10:50"))


def test_half_a_grid_lets_any_two_values_of_two_settings_meet_equally_often():
    space = parsed("s1=10,20", "s2=5,10", "p=10,30", "n=1,3")
    points = half_grid(space)
    assert len(points) == 8
    pairs = Counter(pair for point in points for pair in itertools.combinations(point.items(), 2))
    assert len(pairs) == 6 * 4
    assert set(pairs.values()) == {2}
    assert points[0] == {"s1": 10, "s2": 5, "p": 10.0, "n": 1}
    assert points[-1] == {"s1": 20, "s2": 10, "p": 30.0, "n": 3}


def test_half_a_grid_of_unlike_lists_differs_by_one_at_most():
    points = half_grid(parsed("s1=5,10,20", "s2=5,10", "p=10,30,50"))
    assert len(points) == 9
    for key in ("s1", "s2", "p"):
        counts = Counter(point[key] for point in points).values()
        assert max(counts) - min(counts) <= 1


def test_half_a_grid_of_two_settings_is_refused():
    with pytest.raises(UserError, match="at least three settings of two or more values, got 2"):
        half_grid(parsed("s1=10,20", "p=10,30", "n=3"))


def test_samples_are_distinct_within_bounds_and_given_by_the_seed():
    space = parsed("p=10:50", "learning_rate=1e-3:1e-1:log", "s1=5:8")
    points = sample(space, num_samples=20, seed=3)
    assert points == sample(space, num_samples=20, seed=3)
    assert points != sample(space, num_samples=20, seed=4)
    assert all(
        10 <= p["p"] <= 50 and 1e-3 <= p["learning_rate"] <= 0.1 and p["s1"] in (5, 6, 7, 8) for p in points
    )


def test_a_log_range_is_drawn_evenly_over_its_logarithm():
    points = sample(parsed("learning_rate=1e-4:1:log"), num_samples=400, seed=0)
    middle = sum(math.log10(point["learning_rate"]) for point in points) / len(points)
    assert middle == pytest.approx(-2, abs=0.2)


def test_a_small_space_is_exhausted_rather_than_repeated():
    assert len(sample(parsed("s1=10,20"), num_samples=9, seed=0)) == 2
