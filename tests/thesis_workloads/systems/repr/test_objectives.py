import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.objectives import distillation, objective_of, ortho_penalty
from thesis_workloads.systems.repr.pruning.masking import mask_filters
from thesis_workloads.systems.repr.pruning.ortho import ortho_overlap
from thesis_workloads.systems.repr.pruning.subnetwork import shrink
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv


def network_of(name="c2-6"):
    network = build_network(
        name,
        in_channels=1,
        image_size=(4, 4),
        num_classes=3,
        batch_norm=False,
        dropout=0.0,
        seed=0,
    ).double()
    return network, prunable_convs(name, network)


def test_a_student_that_answers_like_its_teacher_has_no_loss():
    logits = torch.randn(4, 3, dtype=torch.float64)
    assert distillation(logits, logits + 7, temperature=3.0).item() == pytest.approx(0, abs=1e-12)


def test_distillation_is_the_softened_divergence_times_the_squared_temperature():
    # teacher 1/4, 3/4 and student 1/2, 1/2 once softened by 2
    answers = torch.tensor([[0.0, 2 * math.log(3)]], dtype=torch.float64)
    expected = 4 * (0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    assert distillation(torch.zeros(1, 2).double(), answers, temperature=2.0).item() == pytest.approx(
        expected
    )


def test_the_gradient_of_distillation_nears_that_of_matched_logits_when_it_is_hot():
    # Hinton et al. 2015, equation 4: (z - v) / K for logits of mean zero
    logits = torch.tensor([[1.0, -1.0, 0.0]], dtype=torch.float64, requires_grad=True)
    answers = torch.tensor([[0.5, 0.5, -1.0]], dtype=torch.float64)
    (gradient,) = torch.autograd.grad(distillation(logits, answers, temperature=1e3), logits)
    torch.testing.assert_close(gradient, (logits - answers).detach() / 3, rtol=1e-2, atol=1e-3)


def test_the_penalty_adds_the_overlap_of_all_filters():
    network, convs = network_of()
    expected = sum(6 * ortho_overlap(block.conv.weight).sum().item() for block in network[:2])
    assert ortho_penalty(network, convs, {}).item() == pytest.approx(expected)


def test_orthogonal_filters_pay_nothing():
    network = nn.Sequential(nn.Conv2d(2, 3, 2))
    with torch.no_grad():
        network[0].weight.copy_(torch.eye(8)[:3].view(3, 2, 2, 2) * 5)
    convs = (PrunableConv(conv="0", norm=None, consumers=(Consumer(name="1"),)),)
    assert ortho_penalty(network, convs, {}).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["c2-6", "resnet-8"])
def test_removed_and_silenced_filters_pay_nothing(name):
    network, convs = network_of(name)
    kept = {conv.conv: torch.tensor([0, 2, 3, 5]) for conv in convs}
    expected = sum(
        4 * ortho_overlap(network.get_submodule(conv.conv).weight[[0, 2, 3, 5]]).sum().item()
        for conv in convs[:1]
    )
    sub = shrink(network, convs, kept)
    mask_filters(network, convs, kept)
    assert ortho_penalty(sub, convs[:1], kept).item() == pytest.approx(expected)


def test_the_objective_weighs_labels_teacher_and_penalty():
    network, convs = network_of()
    teacher = network_of("c1-4")[0]
    images, labels = torch.randn(5, 1, 4, 4).double(), torch.arange(5) % 3
    objective = objective_of(
        network, convs, {}, ortho_loss=0.1, teacher=teacher, teacher_weight=0.3, temperature=2.0
    )
    loss, logits = objective(network, images, labels)
    hard = F.cross_entropy(logits, labels, reduction="sum")
    soft = distillation(logits, teacher(images), temperature=2.0)
    expected = 0.7 * hard + 0.3 * soft + 0.5 * ortho_penalty(network, convs, {})
    assert loss.item() == pytest.approx(expected.item())
    loss.backward()
    assert all(parameter.grad is None for parameter in teacher.parameters())


def test_in_bfloat16_the_layers_multiply_coarsely_and_the_weights_stay_as_they_are():
    network, convs = network_of()
    network = network.float()
    images, labels = torch.randn(5, 1, 4, 4), torch.arange(5) % 3
    options = {"ortho_loss": 0.0, "teacher": None, "teacher_weight": 0.0, "temperature": 1.0}
    exact, logits = objective_of(network, convs, {}, **options)(network, images, labels)
    coarse, rounded = objective_of(network, convs, {}, **options, precision="bfloat16")(
        network, images, labels
    )
    coarse.backward()
    assert rounded.dtype == torch.float32
    assert 0 < (rounded - logits).abs().max() < 0.05 * logits.abs().max()
    assert coarse.item() == pytest.approx(exact.item(), rel=0.05)
    assert all(parameter.grad.dtype == torch.float32 for parameter in network.parameters())
