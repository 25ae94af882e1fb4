"""An image as the planes that a JPEG codes, Y and Cb and Cr at half the size (4:2:0), and those as blocks.

JFIF's full-range BT.601. The chroma planes are halved by averaging 2 x 2 pixels, in RGB, as the colour
transform is linear; the planes are continued by their last row and column to whole macroblocks, 16 x 16
pixels, or 8 x 8 for a grey image.

Blocks come in the order in which a file holds them: of a colour image macroblock by macroblock, four of Y, then
Cb, then Cr; of a grey one row by row.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BLOCK = 8
IN_MACROBLOCK = 6
Plane = NDArray[np.uint8]
Value = TypeVar("Value", bound=np.generic)


def planes_of_image(image: Image.Image) -> list[Plane]:
    """Returns Y, Cb and Cr of an RGB image, or the one plane of a grey one, in whole blocks.

    Raises:
        ValueError: if the image is neither RGB nor 8-bit grey.
    """
    if image.mode == "L":
        return [_padded(image, BLOCK)]
    if image.mode != "RGB":
        raise ValueError(f"the image must be RGB or L, got {image.mode=}")
    colour = image.reduce(2).convert("YCbCr")
    return [
        _padded(image.convert("L"), 2 * BLOCK),
        *(_padded(colour.getchannel(band), BLOCK) for band in (1, 2)),
    ]


def blocks_in_order(planes: list[Plane]) -> Plane:
    """Returns ``(n, 64)``: the blocks of whole planes, row-major each, in the order of a file."""
    eights = [np.ascontiguousarray(plane).view(np.uint64) for plane in planes]
    height, width = eights[0].shape
    if len(planes) == 1:
        rows = eights[0].reshape(height // BLOCK, BLOCK, width).transpose(0, 2, 1)
        return np.ascontiguousarray(rows).view(np.uint8).reshape(-1, BLOCK * BLOCK)
    down, across = height // (2 * BLOCK), width // 2
    blocks = np.empty((down, across, IN_MACROBLOCK, BLOCK), dtype=np.uint64)
    luma = eights[0].reshape(down, 2, BLOCK, across, 2).transpose(0, 3, 1, 4, 2)
    blocks[:, :, :4].reshape(down, across, 2, 2, BLOCK)[...] = luma
    for number, chroma in enumerate(eights[1:], start=4):
        blocks[:, :, number] = chroma.reshape(down, BLOCK, across).transpose(0, 2, 1)
    return blocks.view(np.uint8).reshape(-1, BLOCK * BLOCK)


def values_in_order(values: list[NDArray[Value]]) -> NDArray[Value]:
    """Returns ``(n,)``: a value per block of each plane ``(h, w)`` in the order of a file."""
    if len(values) == 1:
        return values[0].reshape(-1)
    height, width = values[0].shape
    found = np.empty((height // 2, width // 2, IN_MACROBLOCK), dtype=values[0].dtype)
    luma = values[0].reshape(height // 2, 2, width // 2, 2).transpose(0, 2, 1, 3)
    found[:, :, :4] = luma.reshape(height // 2, width // 2, 4)
    for number, chroma in enumerate(values[1:], start=4):
        found[:, :, number] = chroma
    return found.reshape(-1)


def _padded(image: Image.Image, side: int) -> Plane:
    plane = np.asarray(image)
    height, width = plane.shape
    if height % side or width % side:
        return np.pad(plane, ((0, -height % side), (0, -width % side)), mode="edge")
    return plane
