"""Norms, steps and projections per sample, in the units of the images."""

from typing import Literal

import torch
from torch import Tensor

Norm = Literal["linf", "l2"]


def per_sample(value: float | Tensor, images: Tensor) -> Tensor:
    """Returns a number, or one number per sample (B,), as (B, 1, 1, 1), to combine with images.

    Raises:
        ValueError: if a tensor does not hold one value per sample, or if a value is negative.
    """
    column = torch.as_tensor(value, dtype=images.dtype, device=images.device)
    if column.ndim and column.shape != images.shape[:1]:
        raise ValueError(f"value must be a number or one per sample, got {column.shape=} for {images.shape=}")
    if column.numel() and float(column.min()) < 0:
        raise ValueError(f"value must not be negative, got {value=}")
    return column.expand(len(images)).reshape(-1, 1, 1, 1)


def l2_norm(images: Tensor) -> Tensor:
    """Returns the L2 norm (B, 1, 1, 1) of each image."""
    norms: Tensor = torch.linalg.vector_norm(images, dim=(1, 2, 3), keepdim=True)
    return norms


def unit_step(gradient: Tensor, norm: Norm) -> Tensor:
    """Returns the steepest step (B, C, H, W) of length one in the norm; zero where the gradient is zero.

    Raises:
        ValueError: if the norm is neither "linf" nor "l2".
    """
    if norm == "linf":
        return gradient.sign()
    if norm == "l2":
        # Of a sure prediction the gradient is so small that its square would be zero.
        tiny = torch.finfo(gradient.dtype).tiny
        gradient = gradient / gradient.abs().amax((1, 2, 3), keepdim=True).clamp_min(tiny)
        return gradient / l2_norm(gradient).clamp_min(tiny)
    raise ValueError(f"norm must be linf or l2, got {norm=}")


def project(
    images: Tensor, clean: Tensor, *, epsilon: Tensor, norm: Norm, bounds: tuple[float, float]
) -> Tensor:
    """Returns the images (B, C, H, W) brought into the epsilon ball around the clean ones and the bounds.

    For L2 the ball comes first: the clean image lies in the bounds, so clipping only comes closer to it.

    Raises:
        ValueError: if the norm is neither "linf" nor "l2".
    """
    if norm == "linf":
        return torch.minimum(torch.maximum(images, clean - epsilon), clean + epsilon).clamp(*bounds)
    if norm == "l2":
        change = images - clean
        shrink = (epsilon / l2_norm(change).clamp_min(1e-12)).clamp_max(1.0)
        return (clean + change * shrink).clamp(*bounds)
    raise ValueError(f"norm must be linf or l2, got {norm=}")
