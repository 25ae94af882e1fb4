"""Which gradients of a defence an attacker can use: its own, its stand-in's, or none."""

from typing import Literal

import torch
from torch import Tensor

from thesis_workloads.attacks.adaptive import Defense

Gradient = Literal["true", "bpda"]


def usable_gradients(
    defense: Defense, *, shape: tuple[int, int, int], stand_in: Defense | None = None, device: str = "cpu"
) -> tuple[Gradient, ...]:
    """Returns the gradients that a defence gives on one fixed image, its own first; empty if there is none.

    Its own counts if it is finite and not zero everywhere: rounding is differentiable to PyTorch and tells an
    attacker nothing. BPDA counts if the stand-in, or without one the image, has the defended image's shape.

    Args:
        shape: (C, H, W) of the images that the defence takes.
    """
    height, width = shape[1:]
    rows = torch.linspace(0.2, 0.8, height, device=device)[:, None]
    columns = torch.linspace(0, 6.0, width, device=device)
    # A ramp with a wave over it, so that no filter sees a flat image.
    image = (rows + 0.1 * columns.sin()).expand(1, *shape).clone()
    seeds = torch.zeros(1, dtype=torch.int64, device=device)
    found: list[Gradient] = []
    if _has_own_gradient(defense, image, seeds):
        found.append("true")
    with torch.no_grad():
        approximate = image if stand_in is None else stand_in(image, seeds)
        if defense(image, seeds).shape == approximate.shape:
            found.append("bpda")
    return tuple(found)


def _has_own_gradient(defense: Defense, image: Tensor, seeds: Tensor) -> bool:
    with torch.enable_grad():
        leaf = image.clone().requires_grad_()
        try:
            defended = defense(leaf, seeds)
        except (RuntimeError, ValueError):  # it leaves PyTorch (NumPy, a codec) and says so
            return False
        if not defended.requires_grad:
            return False
        (gradient,) = torch.autograd.grad(defended.square().sum(), leaf, allow_unused=True)
    return gradient is not None and bool(gradient.isfinite().all()) and bool((gradient != 0).any())
