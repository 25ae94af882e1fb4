"""Importance of filters from what they put out and from the loss (table 5.1), one to K passes over some images.

- activations: root mean square of what a filter puts out;
- apoz: share of positive outputs, one minus the average percentage of zeros (Hu et al. 2016);
- gradients: L2 norm of the gradient of the mean loss with respect to the filter's weights;
- taylor: mean over images of |mean over positions of output times gradient| (Molchanov et al. 2017, eq. 6-7);
- hessian: half the second derivative of the mean loss with respect to a factor on the filter's output,
  the diagonal of optimal brain damage (LeCun et al. 1990, eq. 5) with a filter as the unit.

What the dissertation leaves open, and what is done here:
- A filter's output is read behind its own batch normalisation and a ReLU, with batch normalisation in
  evaluation mode. Where another module normalises it first (DenseNet), it is read as the filter puts it out.
- The second derivative is exact, without double backward: the logits are piecewise linear in the factor,
  so only the softmax is curved, and its Hessian diag(q) - q q^T = S S^T with S = diag(sqrt q) - q sqrt(q)^T.
  One backward pass per class adds (S_c^T dz/dm)^2. Beyond `EXACT_CLASSES` classes as many random signs per
  image mix the columns of S instead (Hutchinson), which is right on average.
- The scores are compared over all layers as they are; score_scale="layer" divides by the layer's norm as
  Molchanov et al. do.
"""

import contextlib
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.selection import Scores
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters
from thesis_workloads.training.evaluation import EVALUATION_BATCH
from thesis_workloads.training.seeding import generator

EXACT_CLASSES = 32
"""Classes up to which `hessian` takes one backward pass per class."""

Statistic = Callable[[Tensor, Tensor, list[Tensor]], list[Tensor]]
"""(logits (B, K), labels (B,), outputs (B, J, H, W) of every convolution) -> sums over the images, (J,) each."""


def activations(
    network: nn.Module, convs: tuple[PrunableConv, ...], images: Tensor, labels: Tensor
) -> Scores:
    """Returns the root mean square of every filter's rectified output, (J,) float64 on the CPU."""

    def squares(_logits: Tensor, _labels: Tensor, outputs: list[Tensor]) -> list[Tensor]:
        return [output.relu().double().square().mean((2, 3)).sum(0) for output in outputs]

    means = _means(network, convs, images, labels, statistic=squares, needs_gradient=False)
    return {name: mean.sqrt() for name, mean in means.items()}


def apoz(network: nn.Module, convs: tuple[PrunableConv, ...], images: Tensor, labels: Tensor) -> Scores:
    """Returns the share of positive outputs of every filter, (J,) in 0..1."""

    def positive(_logits: Tensor, _labels: Tensor, outputs: list[Tensor]) -> list[Tensor]:
        return [(output > 0).double().mean((2, 3)).sum(0) for output in outputs]

    return _means(network, convs, images, labels, statistic=positive, needs_gradient=False)


def gradients(network: nn.Module, convs: tuple[PrunableConv, ...], images: Tensor, labels: Tensor) -> Scores:
    """Returns the norm of the mean loss's gradient with respect to every filter's weights, (J,)."""
    weights = [filters(network, conv) for conv in convs]
    totals = [torch.zeros_like(weight, dtype=torch.float64) for weight in weights]
    with _evaluating(network):
        for batch, truth in _batches(images, labels):
            with torch.enable_grad():
                loss = F.cross_entropy(network(batch), truth, reduction="sum")
            for total, gradient in zip(totals, torch.autograd.grad(loss, weights), strict=True):
                total += gradient
    norms = [(total / len(labels)).flatten(1).norm(dim=1).cpu() for total in totals]
    return {conv.conv: norm for conv, norm in zip(convs, norms, strict=True)}


def taylor(network: nn.Module, convs: tuple[PrunableConv, ...], images: Tensor, labels: Tensor) -> Scores:
    """Returns |mean of output times gradient of the image's loss over positions|, averaged over images, (J,)."""

    def products(logits: Tensor, labels: Tensor, outputs: list[Tensor]) -> list[Tensor]:
        loss = F.cross_entropy(logits, labels, reduction="sum")
        factor_gradients = _factor_gradients(loss, outputs)
        sizes = [output.shape[2] * output.shape[3] for output in outputs]
        return [
            (gradient / size).abs().sum(0) for gradient, size in zip(factor_gradients, sizes, strict=True)
        ]

    return _means(network, convs, images, labels, statistic=products, needs_gradient=True)


def hessian(
    network: nn.Module,
    convs: tuple[PrunableConv, ...],
    images: Tensor,
    labels: Tensor,
    *,
    seed: int,
) -> Scores:
    """Returns half the second derivative of the mean loss with respect to a factor on every filter, (J,).

    ``seed`` draws the random signs that are used beyond `EXACT_CLASSES` classes.
    """
    draws = generator("hessian", seed)

    def curvatures(logits: Tensor, _labels: Tensor, outputs: list[Tensor]) -> list[Tensor]:
        sums = [torch.zeros(output.shape[1], dtype=torch.float64, device=output.device) for output in outputs]
        for weights in _softmax_factors(logits.detach(), draws=draws):
            for total, gradient in zip(
                sums, _factor_gradients((logits * weights).sum(), outputs), strict=True
            ):
                total += gradient.square().sum(0)
        return [total / 2 for total in sums]

    return _means(network, convs, images, labels, statistic=curvatures, needs_gradient=True)


def _softmax_factors(logits: Tensor, *, draws: torch.Generator) -> Iterator[Tensor]:
    """Yields vectors v (B, K) whose sum of v v^T is the Hessian of the cross entropy in the logits."""
    shares = logits.softmax(1)
    num_classes = logits.shape[1]
    if num_classes <= EXACT_CLASSES:
        for index in range(num_classes):
            root = shares[:, index : index + 1].sqrt()
            column = -shares * root
            column[:, index : index + 1] += root
            yield column
        return
    for _ in range(EXACT_CLASSES):
        signs = torch.randint(0, 2, logits.shape, generator=draws).to(logits) * 2 - 1
        mixed = shares.sqrt() * signs
        yield (mixed - shares * mixed.sum(1, keepdim=True)) / EXACT_CLASSES**0.5


def _factor_gradients(value: Tensor, outputs: list[Tensor]) -> list[Tensor]:
    """Returns the derivative of the value with respect to a factor on each image's outputs, (B, J) float64."""
    found = torch.autograd.grad(value, outputs, retain_graph=True)
    return [
        (output.detach() * gradient).double().sum((2, 3))
        for output, gradient in zip(outputs, found, strict=True)
    ]


def _means(
    network: nn.Module,
    convs: tuple[PrunableConv, ...],
    images: Tensor,
    labels: Tensor,
    *,
    statistic: Statistic,
    needs_gradient: bool,
) -> Scores:
    totals: list[Tensor] = []
    with _evaluating(network), filter_outputs(network, convs) as outputs:
        for batch, truth in _batches(images, labels):
            outputs.clear()
            with torch.set_grad_enabled(needs_gradient):
                logits = network(batch)
            in_order = [outputs[conv.conv] for conv in convs]
            sums = statistic(logits, truth, in_order)
            totals = [a + b for a, b in zip(totals, sums, strict=True)] if totals else sums
    means = [(total / len(labels)).cpu() for total in totals]
    return {conv.conv: mean for conv, mean in zip(convs, means, strict=True)}


@contextlib.contextmanager
def filter_outputs(network: nn.Module, convs: tuple[PrunableConv, ...]) -> Iterator[dict[str, Tensor]]:
    """Fills a dict with what each convolution puts out behind its batch normalisation, (B, J, H, W) by name."""
    outputs: dict[str, Tensor] = {}

    def keeping(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            outputs[name] = output

        return keep

    handles = [
        network.get_submodule(conv.norm or conv.conv).register_forward_hook(keeping(conv.conv))
        for conv in convs
    ]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


@contextlib.contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)


def _batches(images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    if len(labels) == 0:
        raise ValueError(f"num_ranking must leave images to rank with, got {len(labels)=}")
    return zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True)
