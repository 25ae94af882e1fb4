from pathlib import Path

import pytest

from thesis.execution.storage.content_digest import content_digest
from thesis.experiments.plan import make_sweep
from thesis.experiments.planned_trial import Resources
from thesis.experiments.stored_plan import plan_digest, plan_from_dict, plan_to_dict
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system
from thesis_workloads.studies import study_digest

STUDY = Path(__file__).parents[1] / "studies/tabular_mlp.py"
TEXT = STUDY.read_text()


def refused(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(UserError) as raised:
        find_system(str(path))
    message = str(raised.value)
    assert "\n" not in message
    assert "mine.py" in message
    return message


def test_a_study_is_found_by_its_path_and_its_digest_follows_its_text(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(TEXT)
    assert find_system(str(path)).name == "tabular-mlp"
    before = study_digest(str(path))
    path.write_text(TEXT.replace("width: int = 8", "width: int = 9"))
    assert study_digest(str(path)) != before
    assert find_system(str(path)).config().width == 9


def test_a_built_in_system_is_found_by_reference_too():
    assert find_system("thesis_workloads.systems.repr.experiment:REPR").name == "repr"
    assert study_digest("repr") == ""


def test_the_loop_of_a_study_and_its_declaration_take_at_most_25_lines():
    lines = [line for line in TEXT[TEXT.index("@dataclass") :].splitlines() if line.strip()]
    assert len(lines) <= 25


def test_a_syntax_error_is_named_with_its_line(tmp_path):
    assert "line 2" in refused(tmp_path, "x = 1\ndef broken(:\n")


def test_an_error_at_import_is_named_with_the_line_of_the_study(tmp_path):
    assert "line 3: ZeroDivisionError" in refused(tmp_path, "x = 1\n\ny = 1 / 0\n")


def test_a_file_that_declares_no_system_is_refused(tmp_path):
    assert "exactly one Experiment" in refused(tmp_path, "x = 1\n")


def test_a_config_that_can_be_changed_is_refused(tmp_path):
    assert "must be frozen" in refused(tmp_path, TEXT.replace("frozen=True", "frozen=False"))


def test_a_config_without_a_seed_is_refused(tmp_path):
    assert "needs a field seed" in refused(tmp_path, TEXT.replace("    seed: int = 0\n", ""))


def test_a_searched_setting_that_is_none_is_refused(tmp_path):
    assert "'widht'" in refused(tmp_path, TEXT.replace('space={"width"', 'space={"widht"'))


def test_a_study_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError, match="there is no study"):
        find_system(str(tmp_path / "nowhere.py"))


def test_a_reference_that_names_nothing_is_refused():
    with pytest.raises(UserError, match="has no 'NOTHING'"):
        find_system("thesis_workloads.systems.repr.experiment:NOTHING")


def test_a_digest_of_content_is_the_same_for_equal_tensors_and_differs_for_others():
    import torch

    first, second = torch.arange(6.0), torch.arange(6.0)
    assert content_digest((first, {"a": 1})) == content_digest((second, {"a": 1}))
    assert content_digest(first) != content_digest(first.reshape(2, 3))
    assert content_digest([first]) != content_digest([first + 1])


def test_a_changed_study_is_another_plan_and_never_resumes_the_old_one(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(TEXT)
    first = a_plan(path)
    stored = plan_to_dict(first)
    assert plan_from_dict(stored) == first
    path.write_text(TEXT.replace("ReLU", "Tanh"))
    assert plan_digest(a_plan(path)) != plan_digest(first)
    with pytest.raises(UserError, match="has changed since this run started"):
        plan_from_dict(stored)


def a_plan(path):
    study = find_system(str(path))
    return make_sweep(
        study,
        scale="small",
        overrides={},
        space={},
        search="grid",
        scheduler="none",
        num_samples=1,
        num_seeds=2,
        seed=0,
        resources=Resources(),
    )
