from types import SimpleNamespace

import pytest

from thesis_workloads.training.config_checks import (
    check_at_least_one,
    check_names,
    check_not_negative,
    check_positive,
)


def test_a_wrong_name_is_answered_with_the_nearest_right_one():
    with pytest.raises(
        ValueError, match=r"metric must be one of ortho, weights, got metric=wieghts \(did you mean weights"
    ):
        check_names(SimpleNamespace(metric="wieghts"), {"metric": ("ortho", "weights")})


@pytest.mark.parametrize(
    ("check", "wrong", "right"),
    [
        (check_at_least_one, 0, 1),
        (check_not_negative, -1, 0),
        (check_positive, 0, 1e-9),
        (check_positive, float("nan"), 1.0),
    ],
)
def test_a_bound_refuses_the_first_value_beyond_it(check, wrong, right):
    check(SimpleNamespace(value=right), ("value",))
    with pytest.raises(ValueError, match="value must"):
        check(SimpleNamespace(value=wrong), ("value",))
