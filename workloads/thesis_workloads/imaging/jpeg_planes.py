"""An image as the planes that a JPEG codes, and back: Y, and Cb and Cr at half the size (4:2:0).

JFIF's full-range BT.601. The chroma planes are halved by averaging 2 x 2 pixels, in RGB, as the colour
transform is linear; the planes are continued by their last row and column to whole macroblocks, 16 x 16
pixels, or 8 x 8 for a grey image.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.uint8]


def planes_of_image(image: Image.Image) -> list[Plane]:
    """Returns Y, Cb and Cr of an RGB image, or the one plane of a grey one, in whole blocks.

    Raises:
        ValueError: if the image is neither RGB nor 8-bit grey.
    """
    if image.mode == "L":
        return [_padded(image, 16)]
    if image.mode != "RGB":
        raise ValueError(f"the image must be RGB or L, got {image.mode=}")
    colour = image.reduce(2).convert("YCbCr")
    return [_padded(image.convert("L"), 16), *(_padded(colour.getchannel(band), 8) for band in (1, 2))]


def image_of_planes(planes: list[Plane], *, width: int, height: int) -> Image.Image:
    """Returns the image of mode YCbCr, or L, that an encoder at 4:2:0 turns into these planes again."""
    size = (width, height)
    if len(planes) == 1:
        return Image.fromarray(planes[0]).crop((0, 0, *size))
    luma = Image.fromarray(planes[0])
    colours = [Image.fromarray(plane).resize(luma.size, Image.Resampling.NEAREST) for plane in planes[1:]]
    merged = Image.merge("YCbCr", [luma, *colours])
    return merged if merged.size == size else merged.crop((0, 0, *size))


def _padded(image: Image.Image, side: int) -> Plane:
    plane = np.asarray(image)
    height, width = plane.shape
    if height % side or width % side:
        return np.pad(plane, ((0, -height % side), (0, -width % side)), mode="edge")
    return plane
