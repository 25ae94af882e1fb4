import pytest
import torch

from thesis_workloads.attacks.model import AttackModel, check_batch

MODEL = AttackModel(lambda images: images.flatten(1))


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (torch.zeros(2, 4, 4), torch.zeros(2).long(), "float batch"),
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(2).long(), "float batch"),
        (torch.zeros(2, 1, 4, 4), torch.zeros(3).long(), "labels must be"),
        (torch.zeros(2, 1, 4, 4), torch.zeros(2), "labels must be"),
        (torch.full((2, 1, 4, 4), 1.01), torch.zeros(2).long(), "must lie in"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(inputs, labels, message):
    with pytest.raises(ValueError, match=message):
        check_batch(MODEL, inputs, labels)


def test_a_plain_model_is_the_same_for_every_sample_and_step():
    assert MODEL.at(torch.tensor([0]), 3) is MODEL
