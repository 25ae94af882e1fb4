from dataclasses import dataclass

import pytest

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import as_overrides, nearest, parse_overrides


@dataclass(frozen=True, kw_only=True)
class Config:
    epochs: int = 10
    p: float = 30.0
    model: str = "c3-32"
    batch_norm: bool = False


def test_overrides_take_the_types_of_their_fields():
    texts = ["epochs=5", "p=50", "model=c8-32", "batch_norm=true"]
    assert parse_overrides(texts, Config) == {"epochs": 5, "p": 50.0, "model": "c8-32", "batch_norm": True}


def test_an_unknown_key_names_the_nearest_right_one():
    with pytest.raises(UserError, match="no setting 'epoch', did you mean 'epochs'"):
        parse_overrides(["epoch=5"], Config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs=five", "epochs must be a whole number, got 'five'"),
        ("p=much", "p must be a finite number, got 'much'"),
        ("batch_norm=maybe", "batch_norm must be true or false, got 'maybe'"),
        ("epochs", "--set must be key=value, got 'epochs'"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_would(text, message):
    with pytest.raises(UserError, match=message):
        parse_overrides([text], Config)


def test_overrides_written_out_are_read_back():
    config = Config(epochs=3, batch_norm=True)
    texts = [word for word in as_overrides(config, relative_to=Config()).split() if word != "--set"]
    assert Config(**parse_overrides(texts, Config)) == config


def test_nothing_near_gives_no_hint():
    assert nearest("zzz", ["epochs"]) == ""
