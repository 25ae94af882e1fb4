import pytest
import torch

from thesis.execution.evaluation.own_defender import own_defender, own_defense
from thesis_workloads.attacks.gradients import usable_gradients
from thesis_workloads.contract.errors import UserError

SOURCE = """
import torch

def halve(images, seeds):
    return images / 2

def rounded(images, seeds):
    return (images * 8).round() / 8

rounded.num_votes = 4
rounded.stand_in = lambda images, seeds: images * 0.9
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mine.py"


@pytest.mark.parametrize("text", ["mine.py:halve", "mine:halve"])
def test_a_function_in_a_file_is_a_defence(file, text):
    spec = own_defense(text, num_votes=10)
    assert (spec.name, spec.kind, spec.num_votes) == (text, "own", 1)
    images = torch.rand(2, 3, 4, 4)
    torch.testing.assert_close(own_defender(spec).apply(images, torch.arange(2), None), images / 2)


def test_its_draws_and_its_stand_in_are_taken_from_the_function(file):
    spec = own_defense("mine:rounded", num_votes=10)
    assert spec.num_votes == 4
    defender = own_defender(spec)
    assert defender.stand_in is not None
    found = usable_gradients(
        lambda images, seeds: defender.apply(images, seeds, None), shape=(3, 8, 8), stand_in=defender.stand_in
    )
    assert found == ("bpda",)


def test_an_edited_file_is_another_defence(file):
    before = own_defense("mine:halve", num_votes=1)
    file.write_text(SOURCE.replace("images / 2", "images / 4"))
    after = own_defense("mine:halve", num_votes=1)
    assert before.settings != after.settings
    images = torch.ones(1, 3, 2, 2)
    assert float(own_defender(after).apply(images, torch.arange(1), None).max()) == 0.25


@pytest.mark.parametrize(
    ("text", "message"),
    [("none_here:halve", "no file"), ("mine:missing", "a function in"), ("mine:torch", "a function in")],
)
def test_what_is_not_there_is_named(file, text, message):
    with pytest.raises(UserError, match=message):
        own_defense(text, num_votes=1)
