"""From an image of any size and aspect to a network's input, and from its map back onto the image.

Nothing is cropped and nothing is stretched: an image is scaled by one factor, its right and lower edges are
repeated up to a multiple of the network's stride, and what the map says of the repeated part is cut off.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

MAX_ASPECT = 4  # a longer side is scaled down to this many times the network's size: bounded memory
_STRIP = 256  # rows of a large map that are made at a time


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """How an image lies in the network's input."""

    height: int  # of the scaled image, pixels
    width: int
    padded_height: int  # multiples of the stride
    padded_width: int


def alignment_of(height: int, width: int, *, size: int, stride: int) -> Alignment:
    """Returns the alignment of an image whose shorter side becomes ``size``, unless the longer one forbids it.

    Raises:
        ValueError: if a side has no pixel.
    """
    if min(height, width) < 1:
        raise ValueError(f"sides must be 1 pixel or more, got {height=}, {width=}")
    scale = min(size / min(height, width), MAX_ASPECT * size / max(height, width))
    scaled = [max(1, round(side * scale)) for side in (height, width)]
    padded = [math.ceil(side / stride) * stride for side in scaled]
    return Alignment(height=scaled[0], width=scaled[1], padded_height=padded[0], padded_width=padded[1])


def align_images(images: Tensor, alignment: Alignment) -> Tensor:
    """Returns the network's input ``(B, 3, padded_height, padded_width)`` float32 in [0, 1].

    Args:
        images: ``(B, 3, H, W)``, float in [0, 1] or uint8; of a batch all of one size.
        alignment: of that size.
    """
    size = (alignment.height, alignment.width)
    scaled = images
    if images.shape[-2:] != size:
        scaled = F.interpolate(images, size=size, mode="bilinear", align_corners=False, antialias=True)
    values = scaled.float() / 255 if scaled.dtype == torch.uint8 else scaled.float()
    right, below = alignment.padded_width - alignment.width, alignment.padded_height - alignment.height
    return F.pad(values, (0, right, 0, below), mode="replicate") if right or below else values


def overlay(maps: Tensor, alignment: Alignment, *, height: int, width: int) -> Tensor:
    """Returns maps ``(B, h, w)`` of aligned inputs as ``(B, height, width)``, over the image alone.

    A value is read where the middle of its pixel falls in the map, linearly between the middles of cells.
    """
    rows = _places(
        height, covered=maps.shape[1] * alignment.height / alignment.padded_height, cells=maps.shape[1]
    )
    columns = _places(
        width, covered=maps.shape[2] * alignment.width / alignment.padded_width, cells=maps.shape[2]
    )
    across = _between(maps, columns, dim=2)
    laid = maps.new_empty(len(maps), height, width)
    for first in range(0, height, _STRIP):
        laid[:, first : first + _STRIP] = _between(across, rows[first : first + _STRIP], dim=1)
    return laid


def _places(count: int, *, covered: float, cells: int) -> Tensor:
    """Returns the place ``(count,)`` of each pixel's middle among the middles of the cells."""
    middles = (torch.arange(count, dtype=torch.float64) + 0.5) * covered / count - 0.5
    return middles.clamp(0, cells - 1)


def _between(maps: Tensor, places: Tensor, *, dim: int) -> Tensor:
    """Returns the maps read at places along ``dim``, linearly between their cells."""
    whole = places.floor()
    low = whole.long().to(maps.device)
    high = (low + 1).clamp(max=maps.shape[dim] - 1)
    share = (places - whole).to(maps)
    return maps.index_select(dim, low).lerp(
        maps.index_select(dim, high), share if dim == maps.dim() - 1 else share[:, None]
    )
