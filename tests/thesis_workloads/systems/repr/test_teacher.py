import pytest
import torch

from thesis_workloads.systems.repr.networks.catalog import build_network, same_layout
from thesis_workloads.systems.repr.teacher import as_teacher, load_teacher, read_teacher, teacher_state

IMAGES = torch.randn(3, 1, 5, 5)
CPU = torch.device("cpu")


def teacher_of():
    network = build_network(
        "c1-4",
        in_channels=1,
        image_size=(5, 5),
        num_classes=3,
        batch_norm=True,
        dropout=0.0,
        seed=0,
    )
    network(IMAGES)
    return as_teacher(same_layout(network), model="c1-4", batch_norm=True)


def test_a_teacher_is_frozen_and_in_evaluation_mode():
    teacher = teacher_of()
    assert not teacher.network.training
    assert not any(parameter.requires_grad for parameter in teacher.network.parameters())


def test_a_teacher_answers_the_same_once_revived():
    teacher = teacher_of()
    again = load_teacher(teacher_state(teacher), images=IMAGES, num_classes=3, device=CPU)
    assert torch.equal(again.network(IMAGES), teacher.network(IMAGES))


def test_no_teacher_has_an_empty_state():
    assert teacher_state(None) == {}
    assert load_teacher({}, images=IMAGES, num_classes=3, device=CPU) is None


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"epoch": 1}, "teacher must be a run's state after an epoch of the full network"),
        (
            {"identity": {}, "phase": "sub"},
            "teacher must be a run's state after an epoch of the full network",
        ),
        (
            {"identity": {"model": "c1-4"}, "phase": "full", "full": {}},
            "teacher must fit these images and classes",
        ),
    ],
)
def test_a_file_that_holds_no_full_network_is_refused(tmp_path, state, message):
    torch.save(state, tmp_path / "state.pt")
    with pytest.raises(ValueError, match=message):
        read_teacher(tmp_path / "state.pt", images=IMAGES, num_classes=3, device=CPU)
