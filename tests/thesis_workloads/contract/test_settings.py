import dataclasses
import math
from dataclasses import dataclass

import pytest

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import parse_overrides
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.contract.settings import check_settings, describe_settings, setting, settings_of


@dataclass(frozen=True, kw_only=True)
class Config:
    hidden: int = setting(64, "units of a layer", at_least=1)
    rate: float = setting(0.1, "of a step", above=0)
    dropout: float = setting(0.5, "probability", at_least=0, below=1)
    share: float = setting(0.2, "of the labels", at_least=0, at_most=1)
    limit: float = setting(2.5, "of the norm", at_most=2.5)
    labels: int = setting(50, "diagnoses", at_least=5, reason="precision at five")
    metric: str = setting("ortho", "what filters are ranked by", choices=("ortho", "weights"))
    anything: float = setting(float("nan"), "nan for none")
    seed: int = 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hidden", 0, "hidden must be at least 1, got hidden=0"),
        ("rate", 0.0, "rate must be above 0, got rate=0.0"),
        ("rate", math.inf, "rate must be above 0 and finite, got rate=inf"),
        ("rate", math.nan, "rate must be above 0, got rate=nan"),
        ("dropout", 1.0, "dropout must be at least 0 and below 1, got dropout=1.0"),
        ("dropout", -0.1, "dropout must be at least 0 and below 1, got dropout=-0.1"),
        ("share", 1.1, "share must be within 0..1, got share=1.1"),
        ("share", -0.1, "share must be within 0..1, got share=-0.1"),
        ("limit", 2.6, "limit must be at most 2.5, got limit=2.6"),
        ("labels", 4, "labels must be at least 5 (precision at five), got labels=4"),
        (
            "metric",
            "wieghts",
            "metric must be one of ortho, weights, got metric=wieghts (did you mean weights?)",
        ),
        ("metric", "zzz", "metric must be one of ortho, weights, got metric=zzz"),
        ("seed", -1, "seed must be within 0..4294967295, got seed=-1"),
        ("seed", 2**32, "seed must be within 0..4294967295, got seed=4294967296"),
    ],
)
def test_a_wrong_value_is_named_with_its_rule_and_the_nearest_choice(field, value, message):
    with pytest.raises(ValueError, match=r"must be") as caught:
        check_settings(dataclasses.replace(Config(), **{field: value}))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"hidden": 1},
        {"rate": 1e-9},
        {"dropout": 0.0},
        {"share": 0.0},
        {"share": 1.0},
        {"limit": 2.5},
        {"labels": 5},
        {"seed": 2**32 - 1},
        {"anything": math.inf},
    ],
)
def test_a_value_on_the_allowed_side_of_its_bound_passes(changes):
    check_settings(dataclasses.replace(Config(), **changes))


def test_options_of_the_command_line_read_choices_and_bounds():
    with pytest.raises(UserError, match=r"--set hidden must be at least 1, got hidden=0"):
        parse_overrides(["hidden=0"], Config)
    with pytest.raises(UserError, match=r"--space metric must be one of ortho, weights, got metric=otho"):
        parse_space(["metric=weights,otho"], Config)
    with pytest.raises(UserError, match=r"--space dropout must be .* below 1, got dropout=1.0"):
        parse_space(["dropout=0:1"], Config)


def test_a_long_value_is_cut_in_its_error():
    with pytest.raises(UserError) as caught:
        parse_overrides([f"metric={'x' * 5000}"], Config)
    assert len(str(caught.value)) < 200


def test_a_field_is_described_by_its_declaration():
    described = describe_settings(Config)
    assert list(described) == [field.name for field in dataclasses.fields(Config)]
    assert described["dropout"] == {
        "type": "float",
        "default": "0.5",
        "description": "probability",
        "allowed": "at least 0 and below 1",
    }
    assert described["metric"]["allowed"] == "one of ortho, weights"


def test_a_plain_dataclass_takes_any_value_of_its_types():
    @dataclass(frozen=True)
    class Plain:
        width: int
        tags: list = dataclasses.field(default_factory=list)
        rate: float = -1.0

    check_settings(Plain(width=-5))
    assert parse_overrides(["width=-5"], Plain) == {"width": -5}
    assert not any(known.rule or known.description for known in settings_of(Plain).values())
    assert [each["default"] for each in describe_settings(Plain).values()] == ["", "", "-1.0"]


def test_the_default_of_a_setting_is_that_of_the_field():
    assert Config.hidden == 64
    assert dataclasses.asdict(Config())["metric"] == "ortho"
