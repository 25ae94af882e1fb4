"""Total variation minimisation.

Guo et al., "Countering Adversarial Images using Input Transformations", ICLR 2018.

A random half of the pixels is kept, and the smoothest image that agrees with them is sought: least
1/2 sum_kept (z - x)^2 + weight * sum |grad z|, over each channel by itself (tables 4.6, 4.11). With
``keep=1`` it is plain total variation denoising (Rudin, Osher and Fatemi, 1992).

Deviations: the squared instead of the plain norm of the disagreement, isotropic variation, and a fixed number
of steps of Chambolle and Pock's primal-dual method (J. Math. Imaging Vision, 2011, algorithm 1).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.defenses.counter_random import random_bits, random_unit

_STREAMS = (48,)
_STEP = 1 / math.sqrt(8)  # the gradient's norm is at most sqrt(8), and the two steps' product below 1 / 8


def minimise_total_variation(
    images: Tensor, *, seeds: Tensor | None = None, weight: float = 0.03, keep: float = 0.5, steps: int = 100
) -> Tensor:
    """Returns the smoothed images ``(B, C, H, W)`` in [0, 1]; differentiable.

    Args:
        images: ``(B, C, H, W)`` in [0, 1].
        seeds: ``(B,)`` int64; not needed with ``keep=1``.
        weight: of the variation against the disagreement.
        keep: chance of a pixel, all channels together, to be kept, above 0.
        steps: of the solver.

    Raises:
        ValueError: if ``keep`` is not in (0, 1], or seeds are missing.
    """
    if not 0 < keep <= 1 or (keep < 1 and (seeds is None or len(seeds) != len(images))):
        raise ValueError(f"keep must be in (0, 1] with one seed per image below 1, got {keep=}, {seeds=}")
    fidelity = torch.ones_like(images[:, :1])
    if keep < 1 and seeds is not None:
        (bits,) = random_bits(seeds, num=images.shape[-2:].numel(), streams=_STREAMS)
        fidelity = (random_unit(bits) < keep).to(images).view_as(fidelity)
    smooth = ahead = images
    dual = torch.zeros_like(torch.stack([images, images]))
    for _ in range(steps):
        dual = dual + _STEP * _gradient(ahead)
        dual = dual / (dual.square().sum(0).sqrt() / weight).clamp(min=1)
        before = smooth
        smooth = (smooth + _STEP * _divergence(dual) + _STEP * fidelity * images) / (1 + _STEP * fidelity)
        ahead = 2 * smooth - before
    return smooth.clamp(0, 1)


def _gradient(images: Tensor) -> Tensor:
    """Returns forward differences ``(2, B, C, H, W)``, zero past the last row and column."""
    return torch.stack([F.pad(images.diff(dim=2), (0, 0, 0, 1)), F.pad(images.diff(dim=3), (0, 1))])


def _divergence(field: Tensor) -> Tensor:
    """Returns minus the transpose of `_gradient`, ``(B, C, H, W)``."""
    rows, columns = field[0][..., :-1, :], field[1][..., :-1]
    return (
        F.pad(rows, (0, 0, 0, 1))
        - F.pad(rows, (0, 0, 1, 0))
        + F.pad(columns, (0, 1))
        - F.pad(columns, (1, 0))
    )
