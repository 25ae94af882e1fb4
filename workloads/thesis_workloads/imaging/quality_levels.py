"""Which quality each 8 x 8 block of an image gets from a saliency map (section 2.4, eq. 2.7, algorithm 2).

A block's saliency is its mean over the map. Level n of k holds saliency in (n/k, (n+1)/k], the lowest 0 too.

Eq. 2.7 as printed, Q_n = Q_l + n (Q_h - Q_l) / k, never reaches Q_h: five levels over 30..70 would end at 62.
Section 2.5 names steps of ten from 30 to 70 and a mean of 65 in salient regions, which only k - 1 in the
denominator gives, and algorithm 2 takes values from Q_l to Q_h. So ``spacing="inclusive"`` is the default;
``spacing="printed"`` is the equation to the letter.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.imaging.jpeg.planes import BLOCK

SPACINGS = ("inclusive", "printed")


def level_qualities(
    *, num_levels: int = 5, q_low: float = 30, q_high: float = 70, spacing: str = "inclusive"
) -> tuple[float, ...]:
    """Returns the JPEG quality of each level, the least salient first.

    Raises:
        ValueError: if there is no level, a quality is not within 1..100, or the spacing is unknown.
    """
    if num_levels < 1:
        raise ValueError(f"num_levels must be 1 or more, got {num_levels=}")
    if not 1 <= q_low <= q_high <= 100:
        raise ValueError(f"qualities must be 1 <= q_low <= q_high <= 100, got {q_low=}, {q_high=}")
    if spacing not in SPACINGS:
        raise ValueError(f"spacing must be one of {SPACINGS}, got {spacing=}")
    steps = num_levels if spacing == "printed" else max(num_levels - 1, 1)
    return tuple(q_low + level * (q_high - q_low) / steps for level in range(num_levels))


def block_saliency(maps: Tensor, *, height: int, width: int) -> Tensor:
    """Returns the mean saliency ``(B, h, w)`` of every 8 x 8 block of images of a size; h and w are even.

    A map of the image's own size is averaged exactly, the last row and column standing in for what a block
    lacks at the lower and the right edge. A map of another size covers the whole image, edge on edge.

    Args:
        maps: ``(B, H, W)`` in [0, 1].
        height: of the images, in pixels.
        width: of the images, in pixels.

    Raises:
        ValueError: if the maps are not three-dimensional, hold no pixel, or leave [0, 1].
    """
    if maps.ndim != 3 or 0 in maps.shape:
        raise ValueError(f"maps must have shape (B, H, W) with pixels in them, got {tuple(maps.shape)}")
    if not (maps.amin() >= 0 and maps.amax() <= 1):
        raise ValueError(f"maps must be within [0, 1], got {maps.amin():.4g}..{maps.amax():.4g}")
    rows, columns = (2 * -(-side // (2 * BLOCK)) for side in (height, width))
    if maps.shape[1:] == (height, width):
        edges = (0, columns * BLOCK - width, 0, rows * BLOCK - height)
        padded = F.pad(maps[:, None].float(), edges, mode="replicate")
        return F.avg_pool2d(padded, BLOCK)[:, 0]
    covered = (columns * BLOCK / width, rows * BLOCK / height)
    return _sampled(maps.float(), rows=rows, columns=columns, covered=covered)


def full_size(saliency: Tensor, *, height: int, width: int) -> Tensor:
    """Returns a map ``(H, W)`` of an image's size from one of any size that covers it."""
    if saliency.shape == (height, width):
        return saliency
    return F.interpolate(saliency[None, None], size=(height, width), mode="bilinear")[0, 0]


def levels_of_saliency(saliency: Tensor, *, num_levels: int) -> Tensor:
    """Returns the level 0..k-1 of each saliency in [0, 1], same shape, int64: n of (n/k, (n+1)/k].

    A boundary is n/k as the saliency's own type rounds it; a product with k would round once more, and over it.
    """
    ends = torch.arange(1, num_levels, dtype=torch.float64, device=saliency.device) / num_levels
    return torch.bucketize(saliency.contiguous(), ends.to(saliency.dtype), right=False)


def chroma_saliency(saliency: Tensor) -> Tensor:
    """Returns ``(B, h/2, w/2)``: the mean over the four blocks that share a chroma block at 4:2:0."""
    return F.avg_pool2d(saliency[:, None], 2)[:, 0]


def _sampled(maps: Tensor, *, rows: int, columns: int, covered: tuple[float, float]) -> Tensor:
    """Reads a map of another size at the centres of the blocks, after averaging what each of them covers."""
    height, width = maps.shape[1:]
    shrink = max(1, height // rows), max(1, width // columns)
    if max(shrink) > 1:
        maps = F.interpolate(maps[:, None], size=(rows, columns), mode="area")[:, 0]
    across = ((torch.arange(columns) + 0.5) / columns * covered[0]).clamp(max=1) * 2 - 1
    down = ((torch.arange(rows) + 0.5) / rows * covered[1]).clamp(max=1) * 2 - 1
    grid = torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1).to(maps)
    grid = grid.expand(len(maps), -1, -1, -1)
    sampled = F.grid_sample(maps[:, None], grid, mode="bilinear", padding_mode="border", align_corners=False)
    return sampled[:, 0].clamp(0, 1)
