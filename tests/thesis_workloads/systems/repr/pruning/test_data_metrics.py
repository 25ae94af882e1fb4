import pytest
import torch
import torch.nn.functional as F
from torch import nn

from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.data_metrics import (
    EXACT_CLASSES,
    activations,
    apoz,
    filter_outputs,
    gradients,
    hessian,
    taylor,
)
from thesis_workloads.systems.repr.pruning.masking import mask_channels
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv

TWO_FILTERS = (PrunableConv(conv="0", norm=None, consumers=(Consumer(name="3"),)),)
PASSES = (activations, apoz, gradients, taylor)


def two_filters():
    """Filter 0 puts out the pixel, filter 1 its double with the sign turned; the logits sum each one's map."""
    network = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2)).double()
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([1.0, -2.0]).view(2, 1, 1, 1))
        network[3].weight.zero_()
        network[3].weight[0, :4], network[3].weight[1, 4:] = 1, 1
        network[3].bias.zero_()
    return network, torch.tensor([[1.0, 3.0], [0.0, -2.0]], dtype=torch.float64).view(1, 1, 2, 2)


def setting(*, batch_norm=True, num_classes=4):
    network = build_network(
        "c2-3",
        in_channels=1,
        image_size=(4, 4),
        num_classes=num_classes,
        batch_norm=batch_norm,
        dropout=0.0,
        seed=0,
    ).double()
    draws = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(generator=draws)
            module.running_var.uniform_(0.5, 2, generator=draws)
    images = torch.randn(7, 1, 4, 4, generator=draws, dtype=torch.float64)
    return network, prunable_convs("c2-3", network), images, torch.arange(7) % num_classes


def loss_with_factors(network, convs, images, labels, factors):
    network.eval()
    handles = []
    for conv, factor in zip(convs, factors.split(3), strict=True):
        wide = factor.view(1, -1, 1, 1)
        module = network.get_submodule(conv.norm or conv.conv)
        handles.append(module.register_forward_hook(lambda _module, _inputs, out, wide=wide: out * wide))
    loss = F.cross_entropy(network(images), labels, reduction="sum") / len(labels)
    for handle in handles:
        handle.remove()
    return loss


def test_activations_are_root_mean_squares_of_the_rectified_outputs():
    network, image = two_filters()
    scores = activations(network, TWO_FILTERS, image, torch.tensor([0]))["0"]
    assert scores.tolist() == pytest.approx([(10 / 4) ** 0.5, (16 / 4) ** 0.5])


def test_apoz_is_the_share_of_positive_outputs():
    network, image = two_filters()
    assert apoz(network, TWO_FILTERS, image, torch.tensor([0]))["0"].tolist() == [0.5, 0.25]


def test_taylor_and_hessian_have_their_closed_form_for_equal_logits():
    # logits are (4, 4): q = 1/2; d loss / d factor = 4 (q - 1) and 4 q over 4 positions, and 4^2 q (1 - q) / 2
    network, image = two_filters()
    labels = torch.tensor([0])
    assert taylor(network, TWO_FILTERS, image, labels)["0"].tolist() == pytest.approx([0.5, 0.5])
    assert hessian(network, TWO_FILTERS, image, labels, seed=0)["0"].tolist() == pytest.approx([2, 2])


def test_gradients_are_norms_of_the_mean_gradient():
    network, image = two_filters()
    scores = gradients(network, TWO_FILTERS, image, torch.tensor([0]))["0"]
    assert scores.tolist() == pytest.approx([0.5 * 4, 0.5 * 2])


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_hessian_is_the_diagonal_that_double_backward_finds(batch_norm):
    network, convs, images, labels = setting(batch_norm=batch_norm)
    ours = torch.cat(list(hessian(network, convs, images, labels, seed=0).values()))

    def loss(factors):
        return loss_with_factors(network, convs, images, labels, factors)

    full = torch.autograd.functional.hessian(loss, torch.ones(6, dtype=torch.float64))
    torch.testing.assert_close(ours, full.diagonal() / 2, rtol=1e-10, atol=1e-12)


def test_taylor_is_the_mean_size_of_each_images_derivative_by_a_factor():
    network, convs, images, labels = setting()
    ours = torch.cat(list(taylor(network, convs, images, labels).values()))
    factors = torch.ones(6, dtype=torch.float64, requires_grad=True)
    sizes = []
    for image, label in zip(images, labels, strict=True):
        loss = loss_with_factors(network, convs, image[None], label[None], factors)
        sizes.append(torch.autograd.grad(loss, factors)[0].abs() / 16)
    torch.testing.assert_close(ours, torch.stack(sizes).mean(0), rtol=1e-10, atol=1e-14)


def test_with_many_classes_the_hessian_is_right_on_average():
    network, convs, images, labels = setting(num_classes=EXACT_CLASSES + 2)

    def loss(factors):
        return loss_with_factors(network, convs, images, labels, factors)

    full = torch.autograd.functional.hessian(loss, torch.ones(6, dtype=torch.float64))
    draws = [torch.cat(list(hessian(network, convs, images, labels, seed=n).values())) for n in range(40)]
    torch.testing.assert_close(torch.stack(draws).mean(0), full.diagonal() / 2, rtol=0.1, atol=0)


@pytest.mark.parametrize("metric", [*PASSES, lambda *case: hessian(*case, seed=0)])
def test_a_silenced_filter_is_the_least_important_by_its_outputs(metric):
    network, convs, images, labels = setting(batch_norm=False)
    with torch.no_grad():
        network.conv2.conv.weight[1], network.conv2.conv.bias[1] = 0, 0
    assert metric(network, convs, images, labels)["conv2.conv"][1] == 0


@pytest.mark.parametrize("metric", PASSES)
def test_a_metric_does_not_depend_on_how_the_images_are_split(metric, monkeypatch):
    case = setting()
    whole = metric(*case)
    monkeypatch.setattr("thesis_workloads.systems.repr.pruning.data_metrics.EVALUATION_BATCH", 2)
    torch.testing.assert_close(metric(*case), whole)


def test_a_metric_leaves_the_network_in_its_mode_without_gradients_or_hooks():
    network, convs, images, labels = setting()
    network.train()
    before = network.state_dict()
    hessian(network, convs, images, labels, seed=0)
    assert network.training
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
    torch.testing.assert_close(network.state_dict(), before, rtol=0, atol=0)


def test_outputs_are_read_behind_the_batch_norm():
    network, convs, images, _ = setting()
    handles = mask_channels(network, convs[0], torch.tensor([0.0, 1.0, 1.0]))
    with filter_outputs(network.eval(), convs) as outputs:
        network(images)
    assert outputs["conv1.conv"][:, 0].abs().max() == 0
    assert len(handles) == 1


def test_no_images_are_refused():
    network, convs, images, labels = setting()
    with pytest.raises(ValueError, match="num_ranking must leave images to rank with"):
        apoz(network, convs, images[:0], labels[:0])
