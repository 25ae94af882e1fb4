"""The two-dimensional transform of any orthogonal wavelet in torch: any device, differentiable.

Same coefficients as PyWavelets' ``wavedec2`` with its symmetric extension (an image continues as its own mirror
image). A level is one convolution with stride two that gives the four bands; back, one convolution gives the
four pixels of each block of 2 x 2 (the polyphase form of the inverse), which are then interleaved.
"""

import functools

import pywt
import torch
import torch.nn.functional as F
from torch import Tensor

_BANDS = ((0, 0), (1, 0), (0, 1), (1, 1))  # low 0, high 1, down and across: as PyWavelets orders them


def decompose(channels: Tensor, *, wavelet: str, levels: int) -> tuple[Tensor, list[Tensor]]:
    """Returns the approximation ``(B, C, h, w)`` and the details ``(B, C, 3, h_l, w_l)``, coarsest first.

    The three details are horizontal, vertical and diagonal.

    Raises:
        ValueError: if the wavelet is not orthogonal.
    """
    analysis, _ = _kernels(wavelet, channels.dtype, channels.device)
    low, details = channels, []
    for _ in range(levels):
        mirrored = _mirrored(_mirrored(low, analysis.shape[-1], dim=2), analysis.shape[-1], dim=3)
        bands = F.conv2d(mirrored.flatten(0, 1)[:, None], analysis, stride=2)
        bands = bands.unflatten(0, channels.shape[:2])
        details.append(bands[:, :, 1:])
        low = bands[:, :, 0]
    return low, details[::-1]


def reconstruct(low: Tensor, details: list[Tensor], *, wavelet: str, height: int, width: int) -> Tensor:
    """Returns the channels ``(B, C, height, width)`` that `decompose` was given."""
    _, synthesis = _kernels(wavelet, low.dtype, low.device)
    for level in details:
        # What a level gave is up to one row and column longer than what it was made of.
        fitting = low[:, :, None, : level.shape[-2], : level.shape[-1]]
        bands = torch.cat([fitting, level], dim=2).flatten(0, 1)
        pixels = F.pixel_shuffle(F.conv2d(bands, synthesis), 2)
        low = pixels.view(*level.shape[:2], *pixels.shape[-2:])
    return low[..., :height, :width]


def _mirrored(channels: Tensor, num_taps: int, *, dim: int) -> Tensor:
    """Returns the channels with their mirror image at both ends, as far as the filters reach.

    An axis shorter than the reach is mirrored again and again.
    """
    size, before = channels.shape[dim], num_taps - 2
    after = before + size % 2
    if before + after == 0:
        return channels
    if max(before, after) <= size:
        first = channels.narrow(dim, 0, before).flip(dim)
        last = channels.narrow(dim, size - after, after).flip(dim)
        return torch.cat([first, channels, last], dim=dim)
    places = torch.arange(-before, size + after, device=channels.device) % (2 * size)
    return channels.index_select(dim, torch.where(places < size, places, 2 * size - 1 - places))


@functools.cache
def _kernels(wavelet: str, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Returns the filters there ``(4, 1, L, L)`` and back ``(4, 4, L/2, L/2)``."""
    filters = pywt.Wavelet(wavelet)
    if not filters.orthogonal:
        raise ValueError(f"wavelet must be orthogonal, got {wavelet=}")
    there = [torch.tensor(each[::-1], dtype=dtype) for each in (filters.dec_lo, filters.dec_hi)]
    back = [torch.tensor(each, dtype=dtype) for each in (filters.rec_lo, filters.rec_hi)]
    analysis = torch.stack([torch.outer(there[down], there[across]) for down, across in _BANDS])
    synthesis = [
        torch.outer(back[down][row::2].flip(0), back[across][column::2].flip(0))
        for row in (0, 1)
        for column in (0, 1)
        for down, across in _BANDS
    ]
    both = analysis[:, None], torch.stack(synthesis).unflatten(0, (4, 4))
    return both[0].to(device), both[1].to(device)
