import pytest

from thesis.execution.storage import code_digest as code


def test_the_same_code_has_the_same_digest_and_another_system_another():
    assert code.code_digest("thesis_workloads.systems.repr") == code.code_digest(
        "thesis_workloads.systems.repr"
    )
    assert code.code_digest("thesis_workloads.systems.repr") != code.code_digest(
        "thesis_workloads.systems.residual_lstm"
    )


def test_the_closure_has_what_is_imported_and_not_the_other_systems():
    names = {name for name, _ in code._closure(("thesis_workloads.systems.repr",))}
    assert "thesis_workloads.systems.repr.train" in names
    assert "thesis_workloads.training.epoch" in names
    assert not any(name.startswith("thesis_workloads.systems.residual_lstm") for name in names)


def test_a_changed_line_of_an_imported_module_changes_the_digest(tmp_path, monkeypatch):
    package = tmp_path / "thesis_probe"
    package.mkdir()
    (package / "__init__.py").write_text("")
    module = package / "numbers_of.py"
    module.write_text("A = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = code.code_digest("thesis_probe")
    module.write_text("A = 2\n")
    assert code.code_digest("thesis_probe") != before


def test_a_module_that_is_not_there_is_refused_and_never_left_out_of_the_digest():
    with pytest.raises(ModuleNotFoundError, match="this_file_was_moved"):
        code.code_digest("thesis.execution.this_file_was_moved")
