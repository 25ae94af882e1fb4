"""The two-dimensional Haar wavelet (db1) in torch: any device, differentiable.

Same coefficients as PyWavelets' ``wavedec2`` with its symmetric extension: a side of odd length is
continued by its last row or column. On a block of 2 x 2 pixels the transform is a symmetric orthogonal
4 x 4 matrix, its own inverse, so a level is one product with it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_BLOCK = ((1, 1, 1, 1), (1, 1, -1, -1), (1, -1, 1, -1), (1, -1, -1, 1))  # times 1/2; low, horizontal, ...


def haar_decompose(channels: Tensor, *, levels: int) -> tuple[Tensor, list[Tensor]]:
    """Returns the approximation ``(B, C, h, w)`` and the details ``(B, C, 3, h_l, w_l)``, coarsest first.

    The three details are horizontal, vertical and diagonal.
    """
    details = []
    for _ in range(levels):
        height, width = channels.shape[-2:]
        if height % 2 or width % 2:
            channels = F.pad(channels, (0, width % 2, 0, height % 2), mode="replicate")
        halves = channels.unflatten(3, (-1, 2)).unflatten(2, (-1, 2))  # (B, C, h, 2, w, 2)
        bands = _transform(halves.permute(0, 1, 3, 5, 2, 4).flatten(2, 3))
        details.append(bands[:, :, 1:])
        channels = bands[:, :, 0]
    return channels, details[::-1]


def haar_reconstruct(approximation: Tensor, details: list[Tensor], *, height: int, width: int) -> Tensor:
    """Returns the channels ``(B, C, height, width)`` that `haar_decompose` was given."""
    for level in details:
        low = approximation[:, :, None, : level.shape[-2], : level.shape[-1]]
        blocks = _transform(torch.cat([low, level], dim=2))
        halves = blocks.unflatten(2, (2, 2)).permute(0, 1, 4, 2, 5, 3)  # (B, C, h, 2, w, 2)
        approximation = halves.flatten(4, 5).flatten(2, 3)
    return approximation[..., :height, :width]


def _transform(blocks: Tensor) -> Tensor:
    """Multiplies the third axis of ``(B, C, 4, h, w)`` by the block matrix."""
    matrix = torch.tensor(_BLOCK, dtype=blocks.dtype, device=blocks.device) / 2
    return (matrix @ blocks.flatten(3)).view(blocks.shape)
