import pytest

from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.generations import generation_at, generations


@pytest.mark.parametrize("scheme", ["repr", "standard", "dsd"])
def test_a_run_without_a_teacher_is_one_generation_with_the_runs_seed(scheme):
    (only,) = generations(RePrConfig(scheme=scheme, epochs=7, seed=5))
    assert (only.model, only.scheme, only.first, only.epochs, only.seed) == ("c3-32", scheme, 0, 7, 5)
    assert not only.is_taught


def test_a_named_teacher_takes_its_epochs_from_the_budget():
    teacher, student = generations(RePrConfig(teacher="c3-64", teacher_epochs=30, epochs=100, seed=5))
    assert (teacher.model, teacher.scheme, teacher.epochs) == ("c3-64", "standard", 30)
    assert (student.model, student.first, student.epochs, student.seed) == ("c3-32", 30, 70, 5)
    assert (teacher.is_taught, student.is_taught) == (False, True)


def test_a_teacher_from_a_file_leaves_the_whole_budget():
    (student,) = generations(RePrConfig(teacher="runs/state.pt", epochs=100))
    assert (student.epochs, student.is_taught) == (100, True)


def test_born_again_networks_share_the_budget_and_start_from_other_weights():
    plan = generations(RePrConfig(scheme="ban", n=3, epochs=11, seed=5))
    assert [each.epochs for each in plan] == [3, 3, 5]
    assert [each.is_taught for each in plan] == [False, True, True]
    assert plan[0].seed == 5
    assert len({each.seed for each in plan}) == 3


def test_each_epoch_belongs_to_one_generation():
    plan = generations(RePrConfig(scheme="ban", n=3, epochs=8))
    assert [generation_at(plan, epoch).index for epoch in range(8)] == [0, 0, 1, 1, 2, 2, 2, 2]
