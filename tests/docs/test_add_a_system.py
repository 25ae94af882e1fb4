"""The study of workloads/README.md, run as it stands there."""

import ast
import io
import math

import pytest
import torch
from typer.testing import CliRunner

from thesis.cli.app import app
from thesis_workloads.contract.experiment import workload_of
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.registry import find_system


@pytest.fixture
def study(tmp_path, guide_blocks):
    path = tmp_path / "my_study.py"
    path.write_text(guide_blocks[0], encoding="utf-8")
    return path


@pytest.fixture
def resumable_study(study, guide_blocks):
    text = guide_blocks[0]
    study.write_text(text.replace(train_of(text), guide_blocks[1].rstrip("\n")), encoding="utf-8")
    return study


def train_of(text: str) -> str:
    found = next(node for node in ast.parse(text).body if getattr(node, "name", "") == "train")
    segment = ast.get_source_segment(text, found)
    assert segment is not None
    return segment


def lines_of(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


class EveryState(MemoryReporter):
    """Keeps the state after each epoch, as a checkpoint would."""

    def __init__(self, start=None):
        super().__init__(start=start)
        self.files: list[bytes] = []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        kept = io.BytesIO()
        torch.save(self.state, kept)
        self.files.append(kept.getvalue())


def run(path, *, start=None, **changes):
    system = find_system(str(path))
    config, workload, reporter = system.config(**changes), workload_of(system), EveryState(start)
    workload.train(config, workload.load(config, None), reporter)
    return reporter


def test_the_study_has_about_sixty_lines(guide_blocks):
    assert lines_of(guide_blocks[0]) <= 65


def test_the_study_trains_and_reports_every_epoch_and_the_test_part_once(study):
    rows = run(study).rows
    assert [row["epoch"] for row in rows] == list(range(1, 61))
    assert all(math.isfinite(value) for row in rows for value in row.values())
    assert ["test/accuracy" in row for row in rows] == [False] * 59 + [True]


def test_the_studys_features_beat_its_baseline_over_three_seeds(study):
    def mean(**changes):
        return sum(run(study, seed=seed, **changes).rows[-1]["val/accuracy"] for seed in range(3)) / 3

    assert mean() > mean(**find_system(str(study)).baseline) + 0.05


def test_resuming_takes_at_most_eight_more_lines(guide_blocks):
    assert lines_of(guide_blocks[1]) - lines_of(train_of(guide_blocks[0])) <= 8


def test_the_resumable_study_gives_the_numbers_of_the_first(study, guide_blocks):
    plain = run(study).rows
    study.write_text(guide_blocks[0].replace(train_of(guide_blocks[0]), guide_blocks[1].rstrip("\n")))
    assert run(study).rows == plain


def test_the_resumable_study_continues_from_any_epoch_to_the_same_numbers(resumable_study):
    whole = run(resumable_study, epochs=6)
    for done, content in enumerate(whole.files[:-1], start=1):
        state = torch.load(io.BytesIO(content), weights_only=True)
        assert run(resumable_study, start=state, epochs=6).rows == whole.rows[done:], f"after epoch {done}"


@pytest.mark.parametrize("command", ["train", "sweep"])
def test_the_command_line_plans_the_study(study, command):
    result = CliRunner().invoke(app, [command, str(study), "--plan"])
    assert result.exit_code == 0, result.output
    assert "60" in result.output
