"""Random numbers from one seed per sample, so that no result depends on the batch around a sample."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from thesis_workloads.attacks.geometry import Norm, l2_norm

_GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed 64-bit number
_MIX_1 = -4658895280553007687  # 0xBF58476D1CE4E5B9
_MIX_2 = -7723592293110705685  # 0x94D049BB133111EB


def _shift_right(values: Tensor, bits: int) -> Tensor:
    """Returns a logical shift of 64-bit numbers; torch's own keeps the sign."""
    return (values >> bits) & ((1 << (64 - bits)) - 1)


def _mix(values: Tensor) -> Tensor:
    """Returns SplitMix64's output function of 64-bit numbers (Steele, Lea and Flood, 2014)."""
    values = (values ^ _shift_right(values, 30)) * _MIX_1
    values = (values ^ _shift_right(values, 27)) * _MIX_2
    return values ^ _shift_right(values, 31)


def derive_seeds(seeds: Tensor, *stream: int) -> Tensor:
    """Returns seeds (B,), int64 and not negative, for a stream (a step, a draw) of each sample's own seed."""
    derived = seeds.to(torch.int64)
    for number in stream:
        derived = _mix(_mix(derived + _GOLDEN) + number)
    return derived & (2**63 - 1)


def _generators(seeds: Tensor) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(int(seed)) for seed in seeds.tolist()]


def uniform(seeds: Tensor, shape: Sequence[int]) -> Tensor:
    """Returns uniform numbers (B, *shape) in [0, 1), made on the CPU so that every device sees the same."""
    return torch.stack([torch.rand(tuple(shape), generator=one) for one in _generators(seeds)])


def normal(seeds: Tensor, shape: Sequence[int]) -> Tensor:
    """Returns standard normal numbers (B, *shape), made on the CPU so that every device sees the same."""
    return torch.stack([torch.randn(tuple(shape), generator=one) for one in _generators(seeds)])


def point_in_ball(seeds: Tensor, images: Tensor, *, epsilon: Tensor, norm: Norm) -> Tensor:
    """Returns a uniform point (B, C, H, W) of each sample's epsilon ball around zero.

    Raises:
        ValueError: if the norm is neither "linf" nor "l2".
    """
    shape = images.shape[1:]
    if norm == "linf":
        return (2 * uniform(seeds, shape).to(images) - 1) * epsilon
    if norm == "l2":
        direction = normal(seeds, shape).to(images)
        radius = uniform(derive_seeds(seeds, 1), (1, 1, 1)).to(images) ** (1 / math.prod(shape))
        return direction / l2_norm(direction) * radius * epsilon
    raise ValueError(f"norm must be linf or l2, got {norm=}")
