"""A run that resumes at any epoch gives the numbers of a run that was never interrupted."""

import dataclasses

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.train import train

CONFIG = RePrConfig(model="c3-6", s1=1, s2=2, n=2, epochs=8, batch_size=16, p=30.0, device="cpu")


def part(size, seed):
    draws = torch.Generator().manual_seed(seed)
    images = torch.randn(size, 1, 5, 5, generator=draws)
    return LabelledImages(images=images, labels=torch.arange(size) % 3)


DATA = ImageSplits(
    train=part(40, 0), val=part(30, 1), test=part(30, 2), num_classes=3, name="noise", version="1", digest="0"
)


class SavingReporter(MemoryReporter):
    """Keeps the state after every epoch, through a file that holds tensors and plain values only."""

    def __init__(self, folder, start=None):
        super().__init__(start=start)
        self.folder = folder
        self.states = []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        torch.save(self.state, self.folder / "state.pt")
        self.states.append(torch.load(self.folder / "state.pt", weights_only=True))


def numbers(rows):
    return [{key: value for key, value in row.items() if not key.startswith("time/")} for row in rows]


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "momentum", "batch_norm": True, "dropout": 0.3},
        {"optimizer": "adam", "batch_norm": True, "schedule": "cyclic", "learning_rate": 0.002},
        {"optimizer": "sgd", "metric": "oracle", "weight_decay": 0.01, "rank_first_conv": True},
        {"optimizer": "momentum", "scheme": "standard", "dropout": 0.3},
        {"metric": "hessian", "num_ranking": 16, "batch_norm": True, "epochs": 5},
        {"scheme": "dsd", "optimizer": "adam", "epochs": 5},
        {"model": "resnet-8", "optimizer": "momentum", "weight_decay": 0.01, "epochs": 4},
        {"scheme": "ban", "optimizer": "momentum", "n": 3, "epochs": 5},
        {"teacher": "c1-4", "teacher_epochs": 2, "epochs": 6, "batch_norm": True, "ortho_loss": 0.01},
        {"metric": "random", "variant": "released", "epochs": 5},
        {"readers": "fresh", "n": 0, "epochs": 7, "optimizer": "adam"},
        {"scheme": "later-layers", "optimizer": "momentum", "epochs": 7},
    ],
)
def test_a_run_resumed_at_any_epoch_gives_the_same_numbers_bit_for_bit(tmp_path, changes):
    config = dataclasses.replace(CONFIG, **changes)
    whole = SavingReporter(tmp_path)
    expected = train(config, DATA, whole).state_dict()
    for epoch, state in enumerate(whole.states, start=1):
        rest = MemoryReporter(start=state)
        weights = train(config, DATA, rest).state_dict()
        assert numbers(rest.rows) == numbers(whole.rows[epoch:])
        assert all(torch.equal(value, weights[name]) for name, value in expected.items())


def test_a_resumed_run_saves_the_states_of_the_uninterrupted_one(tmp_path):
    whole = SavingReporter(tmp_path)
    train(dataclasses.replace(CONFIG, optimizer="adam"), DATA, whole)
    rest = SavingReporter(tmp_path, start=whole.states[1])
    train(dataclasses.replace(CONFIG, optimizer="adam"), DATA, rest)
    for part in ("full", "full_slots", "kept"):
        torch.testing.assert_close(rest.states[-1][part], whole.states[-1][part], rtol=0, atol=0)


def test_learning_rate_and_p_may_change_at_a_resume(tmp_path):
    whole = SavingReporter(tmp_path)
    train(CONFIG, DATA, whole)
    rest = MemoryReporter(start=whole.states[1])
    train(dataclasses.replace(CONFIG, p=50.0, learning_rate=0.123), DATA, rest)
    assert [row["repr/num_filters"] for row in rest.rows] == [13, 18, 9, 9, 18, 18]
    assert rest.rows[0]["learning_rate"] == 0.123


def test_the_lengths_of_the_phases_may_change_at_a_resume(tmp_path):
    whole = SavingReporter(tmp_path)
    train(CONFIG, DATA, whole)
    rest = MemoryReporter(start=whole.states[1])
    train(dataclasses.replace(CONFIG, s1=4, s2=1), DATA, rest)
    assert [row["repr/phase"] for row in rest.rows] == [0, 0, 1, 0, 0, 0]


def test_a_finished_run_has_nothing_left_to_do(tmp_path):
    whole = SavingReporter(tmp_path)
    expected = train(CONFIG, DATA, whole).state_dict()
    rest = MemoryReporter(start=whole.states[-1])
    weights = train(CONFIG, DATA, rest).state_dict()
    assert rest.rows == []
    assert all(torch.equal(value, weights[name]) for name, value in expected.items())


def test_a_teacher_from_a_file_is_part_of_the_state(tmp_path):
    teacher = SavingReporter(tmp_path)
    train(dataclasses.replace(CONFIG, model="c1-4", scheme="standard", epochs=1), DATA, teacher)
    torch.save(teacher.states[0], tmp_path / "teacher.pt")
    config = dataclasses.replace(CONFIG, teacher=str(tmp_path / "teacher.pt"), epochs=4)
    whole = SavingReporter(tmp_path)
    train(config, DATA, whole)
    (tmp_path / "teacher.pt").unlink()
    rest = MemoryReporter(start=whole.states[1])
    train(config, DATA, rest)
    assert numbers(rest.rows) == numbers(whole.rows[2:])


def test_a_state_of_another_optimizer_is_refused(tmp_path):
    whole = SavingReporter(tmp_path)
    train(dataclasses.replace(CONFIG, epochs=1), DATA, whole)
    with pytest.raises(ValueError, match="state must be of"):
        train(dataclasses.replace(CONFIG, optimizer="adam"), DATA, MemoryReporter(start=whole.states[0]))
