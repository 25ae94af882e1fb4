"""What training minimises: cross entropy, a teacher's soft answers, and the orthogonality penalty.

Distillation is (1 - w) cross entropy + w T^2 KL(teacher || student), both softened by T (Hinton et al. 2015);
T^2 keeps the gradient's size for any T.

The orthogonality loss of section 5.6.6 is lambda * sum over layers of |W W^T - I| with unit-norm
filters. The dissertation leaves open how the matrix becomes a number: it is the sum over its entries, the norm that
is printed. Filters that are only silenced don't count.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters
from thesis_workloads.training.epoch import Objective


def objective_of(
    network: nn.Module,
    convs: tuple[PrunableConv, ...],
    kept: Mapping[str, Tensor],
    *,
    ortho_loss: float,
    teacher: nn.Module | None,
    teacher_weight: float,
    temperature: float,
    precision: str = "float32",
) -> Objective:
    """Returns the objective for `train_epoch`; ``network`` is what it trains, without any wrapping.

    With ``precision="bfloat16"`` the network and its teacher multiply in bfloat16; losses and penalty don't.
    """

    def answer(model: nn.Module, images: Tensor) -> Tensor:
        is_mixed = precision == "bfloat16"
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=is_mixed):
            logits: Tensor = model(images)
        return logits.to(images.dtype)

    def objective(wrapped: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        logits = answer(wrapped, images)
        loss = F.cross_entropy(logits, labels, reduction="sum")
        if teacher is not None:
            with torch.no_grad():
                answers = answer(teacher, images)
            soft = distillation(logits, answers, temperature=temperature)
            loss = (1 - teacher_weight) * loss + teacher_weight * soft
        if ortho_loss > 0:
            loss = loss + ortho_loss * len(labels) * ortho_penalty(network, convs, kept)
        return loss, logits

    return objective


def distillation(logits: Tensor, answers: Tensor, *, temperature: float) -> Tensor:
    """Returns T^2 KL(teacher || student) in nats, summed over the images (B, K)."""
    student = F.log_softmax(logits / temperature, dim=1)
    teacher = F.log_softmax(answers / temperature, dim=1)
    return temperature**2 * F.kl_div(student, teacher, reduction="sum", log_target=True)


def ortho_penalty(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Mapping[str, Tensor]) -> Tensor:
    """Returns the sum of all entries of equation 5.1 over all layers, with a gradient.

    ``kept`` names the filters of a sub-network by layer; it is empty for the full network.
    """
    layers = []
    for conv in convs:
        weight = filters(network, conv).flatten(1)
        if kept and not conv.removable:
            weight = weight.index_select(0, kept[conv.conv].to(weight.device))
        unit = F.normalize(weight, dim=1)
        overlap = unit @ unit.T - torch.eye(len(unit)).to(unit)
        # New filters are orthogonal but for rounding, and the sign of that is not a direction to train in.
        is_rounding = overlap.detach().abs() < 100 * torch.finfo(overlap.dtype).eps
        layers.append(overlap.masked_fill(is_rounding, 0.0).abs().sum())
    return torch.stack(layers).sum()
