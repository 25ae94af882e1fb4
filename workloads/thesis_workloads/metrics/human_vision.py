"""PSNR-HVS and PSNR-HVS-M: errors of 8 x 8 DCT coefficients weighted by what the eye tells apart.

Egiazarian et al., "New full-reference quality metrics based on HVS", VPQM 2006; Ponomarenko et al., "On
between-coefficient contrast masking of DCT basis functions", VPQM 2007. The M adds masking: an error hidden by
the energy of its block's other coefficients does not count. Blocks do not overlap; what is left over at the
right and lower edge is not looked at.
"""

import math

import torch
from torch import Tensor

from thesis_workloads.metrics.peak_signal import decibels

_SIDE = 8
_SENSITIVITY = (
    (1.608443, 2.339554, 2.573509, 1.608443, 1.072295, 0.643377, 0.504610, 0.421887),
    (2.144591, 2.144591, 1.838221, 1.354478, 0.989811, 0.443708, 0.428918, 0.467911),
    (1.838221, 1.979622, 1.608443, 1.072295, 0.643377, 0.451493, 0.372972, 0.459555),
    (1.838221, 1.513829, 1.169777, 0.887417, 0.504610, 0.295806, 0.321689, 0.415082),
    (1.429727, 1.169777, 0.695543, 0.459555, 0.378457, 0.236102, 0.249855, 0.334222),
    (1.072295, 0.735288, 0.467911, 0.402111, 0.317717, 0.247453, 0.227744, 0.279729),
    (0.525206, 0.402111, 0.329937, 0.295806, 0.249855, 0.212687, 0.214459, 0.254803),
    (0.357432, 0.279729, 0.270896, 0.262603, 0.229778, 0.257351, 0.249855, 0.259950),
)
_MASKING = 0.3885746225901003  # of the sensitivity; squared, the weights of a coefficient's masking
_MASK_SHARE = 32


def psnr_hvs(luma: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Returns PSNR-HVS and PSNR-HVS-M, ``(B,)`` each in dB, of luma ``(B, H, W)`` on a scale of 0 to 255.

    Both are NaN where an image holds no whole block.

    Raises:
        ValueError: if the shapes differ.
    """
    if luma.ndim != 3 or luma.shape != others.shape:
        raise ValueError(
            f"luma must have one shape (B, H, W), got {tuple(luma.shape)}, {tuple(others.shape)}"
        )
    if min(luma.shape[1:]) < _SIDE:
        nothing = luma.new_full((len(luma),), torch.nan, dtype=torch.float64)
        return nothing, nothing
    blocks, other_blocks = _blocks(luma.double()), _blocks(others.double())
    basis = _basis(blocks)
    coefficients, other_coefficients = basis @ blocks @ basis.T, basis @ other_blocks @ basis.T
    sensitivity = torch.tensor(_SENSITIVITY, dtype=blocks.dtype, device=blocks.device)
    weights = (sensitivity * _MASKING).square()
    differences = (coefficients - other_coefficients).abs()
    masks = torch.maximum(
        _masking(blocks, coefficients, weights), _masking(other_blocks, other_coefficients, weights)
    )
    thresholds = masks[..., None, None] / weights
    thresholds[..., 0, 0] = 0  # nothing masks a block's mean
    seen = (differences - thresholds).clamp(min=0)
    plain, masked = ((each * sensitivity).square().mean((1, 2, 3)) for each in (differences, seen))
    return decibels(plain), decibels(masked)


def _masking(blocks: Tensor, coefficients: Tensor, weights: Tensor) -> Tensor:
    """Returns the masking of each block ``(B, n)``: its energy, the less the more it is one edge."""
    energy = (coefficients.square() * weights).sum((2, 3)) - coefficients[..., 0, 0].square() * weights[0, 0]
    half = _SIDE // 2
    quarters = blocks.unflatten(3, (2, half)).unflatten(2, (2, half)).transpose(3, 4).flatten(4)
    spread = _scatter(blocks.flatten(2))
    share = torch.where(spread > 0, _scatter(quarters).sum((2, 3)) / spread, torch.zeros_like(spread))
    return (energy * share).clamp(min=0).sqrt() / _MASK_SHARE


def _scatter(values: Tensor) -> Tensor:
    """Returns the variance over the last axis times its number of values."""
    scatter: Tensor = values.var(-1) * values.shape[-1]
    return scatter


def _blocks(luma: Tensor) -> Tensor:
    height, width = (side // _SIDE * _SIDE for side in luma.shape[1:])
    tiles = luma[:, :height, :width].unflatten(2, (-1, _SIDE)).unflatten(1, (-1, _SIDE))
    blocks: Tensor = tiles.transpose(2, 3).flatten(1, 2)  # (B, n, 8, 8)
    return blocks


def _basis(like: Tensor) -> Tensor:
    steps = torch.arange(_SIDE, dtype=like.dtype, device=like.device)
    basis = torch.cos(math.pi / _SIDE * (steps + 0.5) * steps[:, None]) * math.sqrt(2 / _SIDE)
    basis[0] /= math.sqrt(2)
    return basis
