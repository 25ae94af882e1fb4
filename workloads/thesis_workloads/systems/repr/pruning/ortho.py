"""Inter-filter orthogonality of a convolution (equations 5.1 and 5.2).

Besides the dissertation's score there are two options. ``scale="dimension"`` divides by the value expected of
random filters: |cos| of random directions falls with their dimension, so the plain score compares layers of
different fan-in unfairly and takes nearly everything from the first one. `released_overlap` is what the
author's published code computes instead: it divides by the norm of the whole layer, averages the
signed inner products and takes the absolute value last.
"""

import math

import torch.nn.functional as F
from torch import Tensor


def ortho_overlap(weight: Tensor, *, scale: str = "none") -> Tensor:
    """Returns equation 5.2 for the filters (J, C, kH, kW): mean |cos| to the others, (J,), 0..1.

    The sum over the other filters is divided by J, as printed. A large value means a redundant filter.

    Raises:
        ValueError: if ``scale`` is neither "none" nor "dimension".
    """
    if scale not in ("none", "dimension"):
        raise ValueError(f"score_scale must be none or dimension, got score_scale={scale!r}")
    filters = F.normalize(weight.detach().flatten(1).double(), dim=1)
    projections: Tensor = (filters @ filters.T).fill_diagonal_(0).abs()
    expected = expected_cosine(filters.shape[1]) if scale == "dimension" else 1.0
    return projections.sum(1) / (len(filters) * expected)


def expected_cosine(dimension: int) -> float:
    """Returns E|cos| of two independent random directions: Gamma(d/2) / (sqrt(pi) Gamma((d+1)/2))."""
    return math.exp(math.lgamma(dimension / 2) - math.lgamma((dimension + 1) / 2)) / math.sqrt(math.pi)


def released_overlap(weight: Tensor) -> Tensor:
    """Returns |mean signed inner product with the layer's filters| over the layer's squared norm, (J,).

    The published code; the mean counts the filter itself, with zero.
    """
    filters = weight.detach().flatten(1).double()
    filters = filters / filters.norm().clamp_min(1e-6)
    projections: Tensor = (filters @ filters.T).fill_diagonal_(0)
    return projections.mean(0).abs()
